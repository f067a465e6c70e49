// What cgdeck's tick is compared with: opens the files named on stdin, one a line, and reads them all, from the start, through the descriptors
// it holds, once a round. Usage: tick <rounds>. Prints one JSON line: files, bytes of a round, and nanoseconds of the processor of each round.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

// As much of a file as cgdeck's sampler takes.
enum { EACH_BYTES = 8192, SPARE_DESCRIPTORS = 64 };

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void *must(void *memory) {
  if (memory == NULL) {
    perror("tick: memory");
    exit(1);
  }
  return memory;
}

static void raise_descriptors(rlim_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) perror("tick: setrlimit");
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 0;
  if (rounds < 1) {
    fprintf(stderr, "usage: tick <rounds>, with the paths on stdin\n");
    return 2;
  }
  int count = 0, room = 0;
  int *fds = NULL;
  char *line = NULL;
  size_t size = 0;
  ssize_t length;
  while ((length = getline(&line, &size, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = '\0';
    if (count == room) {
      room = room == 0 ? 1024 : room * 2;
      fds = must(realloc(fds, (size_t)room * sizeof *fds));
      raise_descriptors((rlim_t)(room + SPARE_DESCRIPTORS));
    }
    fds[count] = open(line, O_RDONLY | O_CLOEXEC);
    if (fds[count] < 0) {
      fprintf(stderr, "tick: %s: %s\n", line, strerror(errno));
      return 1;
    }
    count++;
  }
  free(line);

  static char buffer[EACH_BYTES];
  long long *took = must(calloc((size_t)rounds, sizeof *took));
  long long bytes = 0;
  for (int round = 0; round < rounds; round++) {
    long long start = now_ns();
    bytes = 0;
    for (int i = 0; i < count; i++) {
      ssize_t n = pread(fds[i], buffer, sizeof buffer, 0);
      if (n > 0) bytes += n;
    }
    took[round] = now_ns() - start;
  }

  printf("{\"files\":%d,\"bytes\":%lld,\"roundNs\":[", count, bytes);
  for (int round = 0; round < rounds; round++) printf("%s%lld", round == 0 ? "" : ",", took[round]);
  printf("]}\n");
  free(took);
  free(fds);
  return 0;
}
