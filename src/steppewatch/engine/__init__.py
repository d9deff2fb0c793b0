"""The shell: links, bus, clock, store, node. The only room that touches files and sockets."""
