"""emrnetcheck email: the mails, and the server that takes them."""
