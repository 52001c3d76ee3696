"""Whether what an issue quotes of a broadcast is in the broadcast's transcript."""
