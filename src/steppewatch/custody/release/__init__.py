"""Release: every outgoing message to every partner is degraded, decided and recorded."""
