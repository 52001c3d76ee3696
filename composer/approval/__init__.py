"""Approval (« bon à tirer »): what was approved is frozen, and is what is sent."""
