"""The commands about past runs. Empty, because `status` and others need a part of it, and none of the commands."""
