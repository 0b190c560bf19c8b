"""What each finding about the upload means, and what to do about it."""

from __future__ import annotations

from emrnetcheck.model import Code, Contact, Severity, Urgency

_ASK_FOR_MORE = "Order at least {wanted_mbps:g} Mbps of upload from your provider, or change to one that offers it."

CODES = {
    "upload.ok": Code(
        Severity.OK,
        "Upload is {goodput} Mbps (a line of about {line_rate} Mbps); {is_enough}.",
    ),
    "upload.marginal": Code(
        Severity.WARN,
        "Upload is {goodput} Mbps (a line of about {line_rate} Mbps): {so_far}, but {recommended_mbps:g} is better"
        "{people}.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. With several people at once it becomes the bottleneck.",
        say="I need at least {wanted_mbps:g} Mbps of upload. Today I get about {line_rate} Mbps. What can you offer?",
        when=Urgency.THIS_WEEK,
    ),
    "upload.below_recommended": Code(
        Severity.WARN,
        "Upload is {goodput} Mbps (a line of about {line_rate} Mbps): enough for everybody planned, but "
        "{recommended_mbps:g} is better.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. With more people at once it becomes the bottleneck.",
        say="I need at least {wanted_mbps:g} Mbps of upload. Today I get about {line_rate} Mbps. What can you offer?",
    ),
    "upload.near_recommended": Code(
        Severity.WARN,
        "Upload is about {goodput} Mbps (between {lower_mbps:.1f} and {upper_mbps:.1f}): enough to start "
        "with; too close to say whether it reaches {recommended_mbps:g}.",
        "Run the check again with --thorough, at a quiet hour.",
        Contact.IT_HELPER,
        "The line carries enough to begin. Whether it is comfortable for several people is not certain.",
        say="Our upload is about {goodput} Mbps, too close to {recommended_mbps:g} to say. Please run the check "
        "with --thorough at a quiet hour.",
    ),
    "upload.below_minimum": Code(
        Severity.FAIL,
        "Upload is only {goodput} Mbps (a line of about {line_rate} Mbps; {measured_against}); {needed}{people}. "
        "{scan}.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. Below this the EMR is slow for everybody outside.",
        say="I need at least {wanted_mbps:g} Mbps of upload. Today I get about {line_rate} Mbps. What can you offer?",
    ),
    "upload.burst_then_drop": Code(
        Severity.FAIL,
        "Upload started at {burst_mbps:.1f} Mbps but settled at {goodput} ({measured_against}); {needed}{people}. "
        "{scan}.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "Some lines are fast for a few seconds only. Speed tests see the fast part; people at work get the slow one.",
        say="My upload starts at {burst_mbps:.1f} Mbps and soon falls to {goodput}. I need "
        "{wanted_mbps:g} Mbps all the time. What can you offer?",
    ),
    "upload.burst_then_marginal": Code(
        Severity.WARN,
        "Upload started at {burst_mbps:.1f} Mbps but settled at {goodput}: {so_far}, but {recommended_mbps:g} is "
        "better{people}.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "Some lines are fast for a few seconds only. Speed tests see the fast part; people at work get the slow one.",
        say="My upload starts at {burst_mbps:.1f} Mbps and soon falls to {goodput}. I need "
        "{wanted_mbps:g} Mbps all the time. What can you offer?",
        when=Urgency.THIS_WEEK,
    ),
    "upload.slow_over_wifi": Code(
        Severity.UNKNOWN,
        "Upload is only {goodput} Mbps over Wi-Fi; {needed}. Whether the Wi-Fi or the line is slow cannot be told.",
        "Connect this computer with a cable and run the check again, before you call the provider.",
        Contact.IT_HELPER,
        "Wi-Fi is often slower than the line. A faster line would not help then.",
    ),
    "upload.marginal_over_wifi": Code(
        Severity.WARN,
        "Upload is {goodput} Mbps over Wi-Fi: {so_far}, but {recommended_mbps:g} is better. The line itself may be "
        "faster.",
        "Connect this computer with a cable and run the check again, before you call the provider.",
        Contact.IT_HELPER,
        "Wi-Fi is often slower than the line. A faster line would not help then.",
        say="The upload over Wi-Fi is only {goodput} Mbps. Please connect this computer with a cable, so that we see "
        "what the line itself does.",
    ),
    "upload.unstable_over_wifi": Code(
        Severity.NOTICE,
        "The upload over Wi-Fi is unstable: from second to second it varies by {spread:.0%}.",
        "Measure again by cable to see whether the line does that too.",
    ),
    "upload.borderline": Code(
        Severity.UNKNOWN,
        "Upload is about {goodput} Mbps (between {lower_mbps:.1f} and {upper_mbps:.1f}): too close to say "
        "whether it reaches {minimum_mbps:g}.",
        "Run the check again with --thorough, at a quiet hour.",
        Contact.IT_HELPER,
        "The true rate may be just above the minimum or just below it. Either answer would be a guess.",
    ),
    "upload.unstable": Code(
        Severity.WARN,
        "The upload is unstable: from second to second it varies by {spread:.0%}.",
        "Measure again by cable and at a quiet hour. If it stays so, report it to your internet provider.",
        Contact.ISP,
        "A line that varies so much is slow at times, however good its average is.",
        say="The upload of my line varies by {spread:.0%} from second to second. Please test the line.",
    ),
    "upload.burst_seen": Code(
        Severity.NOTICE,
        "The upload started at {burst_mbps:.1f} Mbps and settled at {goodput}: what lasts is what counts.",
    ),
    "upload.burst_possible": Code(
        Severity.NOTICE,
        "Some lines are fast for their first megabytes only. This test was long enough to notice up to "
        "{ruled_out_mb:.1f} MB.",
    ),
    "upload.tester_limited": Code(
        Severity.UNKNOWN,
        "Upload is at least {goodput} Mbps. The line may carry more, but the test was the limit: {why}.",
        "Close other programs and run the check again by cable. A server nearer by may help: emrnetcheck setup "
        "takes one ([upload] servers).",
        Contact.IT_HELPER,
        "The line may be fast enough; this test cannot show it.",
    ),
    "upload.line_busy": Code(
        Severity.UNKNOWN,
        "Upload was {goodput} Mbps, but something else on this computer was sending {other_mbps:.1f} Mbps.",
        "Run the check again when nobody uses the line: stop backups and large transfers first.",
        Contact.IT_HELPER,
        "The line was shared during the test, so its whole speed is not known.",
    ),
    "upload.line_shared": Code(
        Severity.NOTICE,
        "Something else on this computer was sending {other_mbps:.1f} Mbps meanwhile; the whole line is faster.",
    ),
    "upload.second_opinion": Code(
        Severity.NOTICE,
        "speedtest-cli says {their_mbps:.1f} Mbps. It counts what was handed to the socket, not what arrived; not used "
        "for the verdict.",
        why="It counts data that still waits in this computer, and data that the server refused: often too much. On "
        "fast lines it is often too slow itself.",
    ),
    "upload.no_second_opinion": Code(Severity.NOTICE, "There is no second opinion by speedtest-cli: {why}."),
    # Servers that all stop reading look the same, so nobody is told for sure that the line is bad.
    "upload.stalled": Code(
        Severity.UNKNOWN,
        "Uploads begin and then stop, at each of several servers: nothing large gets out ({why}).",
        "Large packets may vanish on the way: set the router's MTU for the Internet to 1400, and run the check again. "
        "If it stays, restart the modem and the router, then call the provider.",
        Contact.ROUTER,
        "Connections are made, and then hang: nobody outside gets a page of the EMR.",
        say="Uploads begin and then stop. Please set the router's MTU for the Internet to 1400, so that we see "
        "whether large packets vanish.",
    ),
    "upload.unmeasured": Code(
        Severity.UNKNOWN,
        "Upload could not be measured: {why}.",
        "Run the check again later. Another server can be set with emrnetcheck setup ([upload] servers).",
        Contact.IT_HELPER,
        "The upload decides whether the EMR can be hosted here, so nothing is said without it.",
    ),
}
