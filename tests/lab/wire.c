/* How does a frame get from one end of the access link to the other: when, and does it at all?
 *
 * A user-space wire between two interfaces, because tc netem may be missing from the kernel.
 *
 *     wire IFACE_A IFACE_B CONTROL_SOCKET SEED
 *
 * "up" carries A to B, "down" carries B to A. Each direction is, in this order: a drop-tail queue
 * (bytes), a token bucket (rate, burst, peak), loss, then delay and jitter. The rate counts whole
 * Ethernet frames: 14-byte header and payload, as the interface sees them (no preamble, no FCS).
 *
 * Control is one message and one JSON reply at a time on a SOCK_SEQPACKET socket:
 *     set up|down KEY=NUMBER...    KEY: rate_mbps peak_mbps burst_bytes queue_bytes delay_ms
 *                                  jitter_ms loss_ratio reorder wander_ratio; rate_mbps=0 is no limit
 *     cut | mend                   the link goes down (all frames vanish) and comes back
 *     stats                        counters per direction; queue_max_bytes starts anew
 *
 * The virtual clock of a direction moves by whole frame times, never by when the process woke:
 * late wake-ups add latency but take no capacity.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 1514          /* header and 1500 bytes; more means that an offload is still on */
#define SLOT_BYTES 1520
#define SLOTS 16384             /* per direction, power of two: 24 MB, touched only when used */
#define BATCH 64                /* frames per system call, so that one direction cannot starve the other */
#define CLIENTS 8
#define SOCKET_BUFFER (16 << 20)
#define NEVER INT64_MAX
#define WANDER_STEP_NS 500000000LL /* the slot of the noise model in test_upload_sequential.py */
#define WANDER_LAG 0.5          /* correlation from one step to the next */

struct frame {
    int64_t at_ns;              /* queue: when it came; delay line: when it must leave */
    uint16_t length;
    uint16_t slot;
};

struct fifo {                   /* positions only grow; the index is position mod SLOTS */
    struct frame frames[SLOTS];
    uint64_t head, tail;
};

struct settings {
    double rate_mbps, peak_mbps, burst_bytes, queue_bytes, delay_ms, jitter_ms, loss_ratio, reorder,
        wander_ratio;
};

static const struct { const char *name; size_t offset; } KEYS[] = {
    {"rate_mbps", offsetof(struct settings, rate_mbps)},     {"peak_mbps", offsetof(struct settings, peak_mbps)},
    {"burst_bytes", offsetof(struct settings, burst_bytes)}, {"queue_bytes", offsetof(struct settings, queue_bytes)},
    {"delay_ms", offsetof(struct settings, delay_ms)},       {"jitter_ms", offsetof(struct settings, jitter_ms)},
    {"loss_ratio", offsetof(struct settings, loss_ratio)},   {"reorder", offsetof(struct settings, reorder)},
    {"wander_ratio", offsetof(struct settings, wander_ratio)},
};

struct direction {
    struct settings set;
    int in, out;
    unsigned char *slots;
    uint16_t unused[SLOTS];
    unsigned unused_count;
    struct fifo queue, line;
    int64_t free_ns;            /* when the sender may start the next frame */
    int64_t done_ns;            /* when the frame now being sent is through; NEVER: none */
    int64_t tokens_ns;          /* when the tokens were last counted */
    double tokens;
    uint64_t random, wander_random; /* apart, so that losses do not change how the rate wanders */
    double wander;              /* how far from its mean the rate is, in standard deviations */
    int64_t wander_until_ns;
    uint64_t frames_in, bytes_in, frames_out, bytes_out, queue_drops, loss_drops, cut_drops;
    uint64_t oversize, no_slot, send_errors, kernel_drops;
    uint64_t queue_bytes, queue_max_bytes;
};

static struct direction up, down;
static int is_cut;

static void die(const char *what)
{
    fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double random_ratio(uint64_t *state) /* splitmix64: [0, 1) */
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static struct frame *first(struct fifo *f) { return f->head == f->tail ? NULL : &f->frames[f->head % SLOTS]; }

static void release(struct direction *d, uint16_t slot) { d->unused[d->unused_count++] = slot; }

/* ---- queue ---- */

static void enqueue(struct direction *d, uint16_t slot, unsigned length, int64_t now)
{
    d->frames_in++;
    d->bytes_in += length;
    if (is_cut) {
        d->cut_drops++;
    } else if (d->queue_bytes + length > (uint64_t)d->set.queue_bytes) {
        d->queue_drops++;
    } else {
        d->queue.frames[d->queue.tail++ % SLOTS] = (struct frame){now, (uint16_t)length, slot};
        d->queue_bytes += length;
        if (d->queue_bytes > d->queue_max_bytes)
            d->queue_max_bytes = d->queue_bytes;
        return;
    }
    release(d, slot);
}

static void pull(struct direction *d)
{
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    static unsigned char waste[SLOT_BYTES];
    unsigned want = d->unused_count < BATCH ? d->unused_count : BATCH;
    if (want == 0) { /* empty the socket all the same, or the wire would spin */
        while (recv(d->in, waste, sizeof waste, MSG_DONTWAIT) >= 0)
            d->no_slot++;
        return;
    }
    for (unsigned i = 0; i < want; i++) {
        uint16_t slot = d->unused[d->unused_count - 1 - i];
        vectors[i] = (struct iovec){d->slots + (size_t)slot * SLOT_BYTES, SLOT_BYTES};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int got = recvmmsg(d->in, messages, want, MSG_DONTWAIT | MSG_TRUNC, NULL);
    if (got <= 0)
        return;
    int64_t now = now_ns();
    uint16_t taken[BATCH];
    for (int i = 0; i < got; i++)
        taken[i] = d->unused[--d->unused_count];
    for (int i = 0; i < got; i++) {
        if (messages[i].msg_len > FRAME_MAX) {
            d->oversize++;
            release(d, taken[i]);
        } else {
            enqueue(d, taken[i], messages[i].msg_len, now);
        }
    }
}

/* ---- token bucket ---- */

static int64_t send_time_ns(double bytes, double mbps) { return mbps > 0 ? (int64_t)(bytes * 8000.0 / mbps) : 0; }

/* The rate as it is at that moment: an AR(1) walk in steps, with half of wander_ratio as its standard deviation, that
 * never leaves the mean by more than wander_ratio. Its own mean is rate_mbps. */
static double rate_at(struct direction *d, int64_t when)
{
    if (d->set.wander_ratio <= 0)
        return d->set.rate_mbps;
    for (; d->wander_until_ns <= when; d->wander_until_ns += WANDER_STEP_NS) {
        double normal = -6; /* the sum of twelve even numbers is as good as normal here, and needs no libm */
        for (int i = 0; i < 12; i++)
            normal += random_ratio(&d->wander_random);
        d->wander = WANDER_LAG * d->wander + 0.8660254 * normal; /* sqrt(1 - WANDER_LAG^2) */
    }
    double bounded = d->wander > 2 ? 2 : d->wander < -2 ? -2 : d->wander;
    return d->set.rate_mbps * (1 + d->set.wander_ratio * bounded / 2);
}

/* Start sending the first frame of the queue: decides when it is through. */
static void begin(struct direction *d, const struct frame *frame)
{
    int64_t start = d->free_ns > frame->at_ns ? d->free_ns : frame->at_ns;
    double rate = rate_at(d, start);
    if (d->set.burst_bytes <= 0 || d->set.rate_mbps <= 0) {
        d->done_ns = start + send_time_ns(frame->length, rate);
        return;
    }
    double bucket = d->set.burst_bytes > FRAME_MAX ? d->set.burst_bytes : FRAME_MAX;
    d->tokens += (double)(start - d->tokens_ns) * rate / 8000.0;
    if (d->tokens > bucket)
        d->tokens = bucket;
    int64_t paid = d->tokens >= frame->length ? start
                                              : start + send_time_ns(frame->length - d->tokens, rate);
    int64_t through = start + send_time_ns(frame->length, d->set.peak_mbps);
    d->done_ns = paid > through ? paid : through;
    d->tokens -= frame->length; /* may be below zero until `paid`: refilled from `start` */
    d->tokens_ns = start;
}

/* ---- loss, delay, jitter ---- */

static void travel(struct direction *d, struct frame frame, int64_t sent_ns)
{
    if (d->set.loss_ratio > 0 && random_ratio(&d->random) < d->set.loss_ratio) {
        d->loss_drops++;
        release(d, frame.slot);
        return;
    }
    double ms = d->set.delay_ms + (d->set.jitter_ms > 0 ? d->set.jitter_ms * random_ratio(&d->random) : 0);
    frame.at_ns = sent_ns + (int64_t)(ms * 1e6);
    struct fifo *line = &d->line;
    uint64_t place = line->tail++;
    for (; place > line->head && line->frames[(place - 1) % SLOTS].at_ns > frame.at_ns; place--) {
        if (d->set.reorder == 0) { /* no overtaking: leave with the one before */
            frame.at_ns = line->frames[(place - 1) % SLOTS].at_ns;
            break;
        }
        line->frames[place % SLOTS] = line->frames[(place - 1) % SLOTS];
    }
    line->frames[place % SLOTS] = frame;
}

static void deliver(struct direction *d, int64_t now)
{
    for (struct frame *f; (f = first(&d->line)) != NULL && f->at_ns <= now; d->line.head++) {
        if (is_cut) {
            d->cut_drops++;
        } else if (send(d->out, d->slots + (size_t)f->slot * SLOT_BYTES, f->length, MSG_DONTWAIT) == f->length) {
            d->frames_out++;
            d->bytes_out += f->length;
        } else {
            d->send_errors++;
        }
        release(d, f->slot);
    }
}

/* Do all that is due, and say when the next frame can be due at the other end. Frames leave the queue in
 * virtual time, so nothing need wake for that: it is made up for here, before anyone looks at the queue. */
static int64_t advance(struct direction *d, int64_t now)
{
    for (struct frame *f; (f = first(&d->queue)) != NULL;) {
        if (d->done_ns == NEVER)
            begin(d, f);
        if (d->done_ns > now)
            break;
        d->queue.head++;
        d->queue_bytes -= f->length;
        d->free_ns = d->done_ns;
        d->done_ns = NEVER;
        travel(d, *f, d->free_ns);
    }
    deliver(d, now);
    struct frame *next = first(&d->line);
    int64_t waiting = d->done_ns == NEVER ? NEVER : d->done_ns + (int64_t)(d->set.delay_ms * 1e6);
    return next != NULL && next->at_ns < waiting ? next->at_ns : waiting;
}

/* ---- control ---- */

static int set_up(struct direction *d, char *words)
{
    struct settings wanted = d->set;
    for (char *word; (word = strsep(&words, " ")) != NULL;) {
        if (*word == '\0')
            continue;
        char *value = strchr(word, '=');
        char *end = value;
        if (value == NULL)
            return -1;
        *value++ = '\0';
        double number = strtod(value, &end);
        unsigned k = 0;
        while (k < sizeof KEYS / sizeof *KEYS && strcmp(KEYS[k].name, word) != 0)
            k++;
        if (k == sizeof KEYS / sizeof *KEYS || end == value || *end != '\0' || !(number >= 0))
            return -1;
        *(double *)((char *)&wanted + KEYS[k].offset) = number;
    }
    if (wanted.burst_bytes > d->set.burst_bytes) /* a bigger bucket starts full, as a line after a rest */
        d->tokens += wanted.burst_bytes - d->set.burst_bytes;
    if (d->set.wander_ratio <= 0) /* the walk begins when it is first asked for, and is then the same each time */
        d->wander_until_ns = now_ns();
    d->set = wanted;
    return 0;
}

static void count_kernel_drops(struct direction *d)
{
    struct tpacket_stats seen;
    socklen_t size = sizeof seen;
    if (getsockopt(d->in, SOL_PACKET, PACKET_STATISTICS, &seen, &size) == 0)
        d->kernel_drops += seen.tp_drops; /* reading it clears it */
}

static int describe(char *to, size_t size, const char *name, struct direction *d)
{
    count_kernel_drops(d);
    int n = snprintf(to, size,
                     "\"%s\": {\"frames_in\": %llu, \"bytes_in\": %llu, \"frames_out\": %llu, \"bytes_out\": %llu, "
                     "\"queue_drops\": %llu, \"loss_drops\": %llu, \"cut_drops\": %llu, \"oversize\": %llu, "
                     "\"no_slot\": %llu, \"send_errors\": %llu, \"kernel_drops\": %llu, \"queue_bytes\": %llu, "
                     "\"queue_max_bytes\": %llu}",
                     name, (unsigned long long)d->frames_in, (unsigned long long)d->bytes_in,
                     (unsigned long long)d->frames_out, (unsigned long long)d->bytes_out,
                     (unsigned long long)d->queue_drops, (unsigned long long)d->loss_drops,
                     (unsigned long long)d->cut_drops, (unsigned long long)d->oversize,
                     (unsigned long long)d->no_slot, (unsigned long long)d->send_errors,
                     (unsigned long long)d->kernel_drops, (unsigned long long)d->queue_bytes,
                     (unsigned long long)d->queue_max_bytes);
    d->queue_max_bytes = d->queue_bytes;
    return n;
}

static void obey(int client, char *line)
{
    char reply[2048] = "{\"ok\": true}";
    if (strncmp(line, "set up ", 7) == 0 || strncmp(line, "set down ", 9) == 0) {
        int is_up = line[4] == 'u';
        if (set_up(is_up ? &up : &down, line + (is_up ? 7 : 9)) != 0)
            snprintf(reply, sizeof reply, "{\"error\": \"not a known key with a number of 0 or more\"}");
    } else if (strcmp(line, "cut") == 0 || strcmp(line, "mend") == 0) {
        is_cut = line[0] == 'c';
    } else if (strcmp(line, "stats") == 0) {
        int n = snprintf(reply, sizeof reply, "{");
        n += describe(reply + n, sizeof reply - n, "up", &up);
        n += snprintf(reply + n, sizeof reply - n, ", ");
        n += describe(reply + n, sizeof reply - n, "down", &down);
        snprintf(reply + n, sizeof reply - n, "}");
    } else {
        snprintf(reply, sizeof reply, "{\"error\": \"unknown command\"}");
    }
    send(client, reply, strlen(reply), MSG_NOSIGNAL);
}

static void serve(struct pollfd *control, struct pollfd *clients)
{
    if (control->revents) {
        int client = accept(control->fd, NULL, NULL);
        int k = 0;
        while (k < CLIENTS && clients[k].fd >= 0)
            k++;
        if (k < CLIENTS)
            clients[k].fd = client;
        else if (client >= 0)
            close(client);
    }
    for (int k = 0; k < CLIENTS; k++) {
        char line[512];
        if (clients[k].fd < 0 || !clients[k].revents)
            continue;
        ssize_t n = recv(clients[k].fd, line, sizeof line - 1, 0);
        if (n <= 0) {
            close(clients[k].fd);
            clients[k].fd = -1;
        } else {
            line[n] = '\0';
            obey(clients[k].fd, line);
        }
    }
}

/* ---- sockets ---- */

static int open_interface(const char *name)
{
    int one = 1, size = SOCKET_BUFFER;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: deaf until bound */
    if (fd < 0)
        die("packet socket");
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq promiscuous = {.mr_ifindex = address.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) != 0)
        die("PACKET_IGNORE_OUTGOING");
    if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) != 0)
        die("PACKET_QDISC_BYPASS");
    if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) != 0)
        die(name);
    /* FORCE is refused in a user namespace; what is lost then shows as kernel_drops. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die(name);
    return fd;
}

static int open_control(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, CLIENTS) != 0)
        die(path);
    return fd;
}

static void prepare(struct direction *d, int in, int out, uint64_t seed)
{
    d->set = (struct settings){.queue_bytes = 1 << 20};
    d->in = in;
    d->out = out;
    d->random = seed;
    d->wander_random = ~seed;
    d->done_ns = NEVER;
    d->slots = mmap(NULL, (size_t)SLOTS * SLOT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (d->slots == MAP_FAILED)
        die("mmap");
    for (unsigned i = 0; i < SLOTS; i++)
        release(d, (uint16_t)(SLOTS - 1 - i)); /* the last in are the first used: few pages stay warm */
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: wire IFACE_A IFACE_B CONTROL_SOCKET SEED\n");
        return 2;
    }
    prctl(PR_SET_TIMERSLACK, 1UL); /* the default of 50 us would be a good part of the promised 0.3 ms */
    /* On a busy machine a wire that waits its turn is jitter. Refused without rights: no harm. */
    sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
    uint64_t seed = strtoull(argv[4], NULL, 10);
    struct pollfd fds[3 + CLIENTS];
    int a = open_interface(argv[1]), b = open_interface(argv[2]);
    prepare(&up, a, b, 2 * seed);
    prepare(&down, b, a, 2 * seed + 1);
    fds[0] = (struct pollfd){.fd = a, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = b, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = open_control(argv[3]), .events = POLLIN};
    for (int k = 0; k < CLIENTS; k++)
        fds[3 + k] = (struct pollfd){.fd = -1, .events = POLLIN};
    for (;;) {
        int64_t now = now_ns();
        int64_t next_up = advance(&up, now), next_down = advance(&down, now);
        int64_t next = next_up < next_down ? next_up : next_down;
        struct timespec wait = {0};
        now = now_ns();
        if (next != NEVER && next > now) {
            wait.tv_sec = (next - now) / 1000000000LL;
            wait.tv_nsec = (next - now) % 1000000000LL;
        }
        if (ppoll(fds, 3 + CLIENTS, next == NEVER ? NULL : &wait, NULL) < 0 && errno != EINTR)
            die("ppoll");
        now = now_ns();
        advance(&up, now);
        advance(&down, now);
        if (fds[0].revents)
            pull(&up);
        if (fds[1].revents)
            pull(&down);
        serve(&fds[2], &fds[3]);
    }
}
