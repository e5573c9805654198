"""HTTP messages as values (RFC 9110, RFC 9112). Pure: no sockets, no clocks."""
