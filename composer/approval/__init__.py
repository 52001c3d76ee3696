"""Approval (« bon à tirer »): the approved editions are frozen, and exactly these bytes are sent."""
