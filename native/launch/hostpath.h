// Opens host paths of a request. Users who can write to a folder on the path may replace its entries at any moment, so each path is walked
// only once, and from then on the descriptor (O_PATH) is used. All return -1 with errno on failure.
#pragma once

// Refuses links anywhere in the path (ELOOP).
int host_path(const char *path);
int host_directory(const char *path);

// Follows links, if all users may enter each folder on the path (else EACCES), so that it gives access to nothing that users could not reach.
int host_path_open_to_all(const char *path);
