// Opens what a request names on the host. Whoever writes to a folder on the way may exchange what lies in it at any moment; so each path is
// walked once, and what is used from then on is the descriptor (O_PATH). -1 with errno on failure.
#pragma once

// Without a link anywhere on the way (ELOOP).
int host_path(const char *path);
int host_directory(const char *path);

// Wherever links lead, if anybody on the machine may enter each folder on the way (EACCES): it shows nobody more than he can open himself.
int host_path_of_all(const char *path);
