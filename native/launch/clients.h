// Clients of the terminal: their sockets and messages.
#pragma once
#include "terminal.h"

// Accepts waiting clients; one too many is closed at once.
void clients_accept(struct terminal *terminal);

// Closes the client. Its input that the program has not taken is lost.
void client_disconnect(struct terminal *terminal, struct client *client);

// Reads and executes the client's messages. A violation of the protocol disconnects it.
void client_read(struct terminal *terminal, struct client *client);

// Continues with the messages that wait until the program reads.
void clients_write_input(struct terminal *terminal);

// Sends the client output that it has not received yet, as much as its socket accepts.
void client_send(struct terminal *terminal, struct client *client);
