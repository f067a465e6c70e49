// Who looks at the terminal: their sockets and messages.
#pragma once
#include "terminal.h"

// Lets in who waits at the listener; a client too many is closed at once.
void clients_accept(struct terminal *terminal);

// Closes the client; what it typed and the program has not taken is gone.
void client_cut(struct terminal *terminal, struct client *client);

// Reads from the client, and acts on its messages. One that breaks the protocol is cut off.
void client_read(struct terminal *terminal, struct client *client);

// Acts on the messages that wait for the program to read.
void clients_type(struct terminal *terminal);

// Sends the client what it has not got yet, as far as its socket takes it.
void client_send(struct terminal *terminal, struct client *client);
