// Passes the trees from the launcher to the child, as descriptors in the message that releases it (unix(7), SCM_RIGHTS).
#define _GNU_SOURCE
#include "trees.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel allows 253 descriptors in a message.
_Static_assert(TREES <= 253, "all trees go in one message");

union rights {
  char bytes[CMSG_SPACE(TREES * sizeof(int))];
  struct cmsghdr aligned;
};

void trees_close(struct trees *trees) {
  for (size_t i = 0; i < TREES; i++) {
    if (trees->fd[i] >= 0) close(trees->fd[i]);
    trees->fd[i] = -1;
  }
}

// The message has one byte, then a byte for each descriptor: which tree it is.
bool trees_send(int line, const struct trees *trees) {
  unsigned char which[1 + TREES] = {0};
  int fds[TREES];
  size_t count = 0;
  for (size_t i = 0; i < TREES; i++) {
    if (trees->fd[i] < 0) continue;
    which[1 + count] = (unsigned char)i;
    fds[count++] = trees->fd[i];
  }
  union rights rights;
  struct iovec text = {which, 1 + count};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};
  if (count > 0) {
    memset(&rights, 0, sizeof rights);
    message.msg_control = rights.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  return sendmsg(line, &message, MSG_NOSIGNAL) > 0;
}

bool trees_receive(int line, struct trees *trees) {
  unsigned char which[1 + TREES];
  union rights rights;
  struct iovec text = {which, sizeof which};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = rights.bytes, .msg_controllen = sizeof rights};
  memset(trees, -1, sizeof *trees);
  ssize_t n = TEMP_FAILURE_RETRY(recvmsg(line, &message, MSG_CMSG_CLOEXEC));
  if (n < 1) return false;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  for (ssize_t i = 1; header != NULL && i < n; i++) {
    memcpy(&trees->fd[which[i]], CMSG_DATA(header) + (size_t)(i - 1) * sizeof(int), sizeof(int));
  }
  // Refuses too few descriptors: a missing tree would leave something uncovered.
  return n == 1 || (header != NULL && header->cmsg_len == CMSG_LEN((size_t)(n - 1) * sizeof(int)));
}
