// Reads the beginning of a program that was refused: its interpreter after `#!` (execve(2)), or its loader and processor (elf(5)).
#define _GNU_SOURCE
#include "explain.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 256, SHOWN = 80 };

#if defined __x86_64__
enum { OWN_MACHINE = EM_X86_64 };
#else
enum { OWN_MACHINE = EM_AARCH64 };
#endif

// A file that is no regular one could wait or answer for ever.
static int open_file(const char *path) {
  struct stat found;
  int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0 || (fstat(file, &found) == 0 && S_ISREG(found.st_mode))) return file;
  close(file);
  return -1;
}

static void about_script(char *message, size_t size, int error, char *head) {
  char *name = head + 2 + strspn(head + 2, " \t");
  name[strcspn(name, " \t\n")] = '\0';
  size_t length = strlen(name);
  if (length > 0 && name[length - 1] == '\r') {
    name[length - 1] = '\0';
    snprintf(message, size, "its first line ends in CR LF, so its interpreter would be \"%.*s\" with a CR: save it with the line ends of Unix", SHOWN, name);
  } else if (error == ENOENT) {
    snprintf(message, size, "its interpreter \"%.*s\" does not exist inside the launch", SHOWN, name);
  } else if (error == EACCES && access(name, X_OK) < 0) {
    snprintf(message, size, "its interpreter \"%.*s\" may not be executed by the program's user", SHOWN, name);
  }
}

// The path in a program header of type PT_INTERP.
static bool loader(int file, const Elf64_Ehdr *header, char *path, size_t size) {
  for (unsigned i = 0; i < header->e_phnum && i < 64; i++) {
    Elf64_Phdr part;
    if (pread(file, &part, sizeof part, (off_t)(header->e_phoff + i * sizeof part)) != (ssize_t)sizeof part) return false;
    if (part.p_type != PT_INTERP) continue;
    ssize_t n = pread(file, path, size - 1, (off_t)part.p_offset);
    path[n > 0 ? n : 0] = '\0';
    return n > 0;
  }
  return false;
}

static void about_elf(char *message, size_t size, int error, int file, const char *head) {
  Elf64_Ehdr header;
  char path[HEAD];
  memcpy(&header, head, sizeof header);
  bool bits64 = header.e_ident[EI_CLASS] == ELFCLASS64;
  if (!bits64 || header.e_machine != OWN_MACHINE) {
    snprintf(message, size, "it is a program of %s bits for the processor family %u of ELF; this kernel does not run it", bits64 ? "64" : "32", header.e_machine);
  } else if (error == ENOENT && loader(file, &header, path, sizeof path)) {
    snprintf(message, size, "its loader \"%.*s\" does not exist inside the launch: bring the libraries that it was built for", SHOWN, path);
  }
}

// One word may have 32 pages with its end (MAX_ARG_STRLEN).
static bool too_long(char *message, size_t size, const char *kind, char *const words[], size_t *total) {
  size_t most = 32 * (size_t)sysconf(_SC_PAGESIZE) - 1;
  for (size_t i = 0; words[i] != NULL; i++) {
    size_t length = strlen(words[i]);
    *total += length + 1 + sizeof(char *);
    if (length <= most) continue;
    snprintf(message, size, "%s %zu has %zu bytes, and the kernel takes at most %zu: pass it in a file", kind, i, length, most);
    return true;
  }
  return false;
}

void exec_explain(char *message, size_t size, int error, const char *tried, char *const argv[], char *const env[]) {
  message[0] = '\0';
  size_t total = 0;
  if (error == E2BIG) {
    if (too_long(message, size, "argument", argv, &total) || too_long(message, size, "variable", env, &total)) return;
    snprintf(message, size, "arguments and environment have %zu bytes, more than a quarter of the stack limit or 6 MiB", total);
  }
  if (error != ENOENT && error != EACCES && error != ENOEXEC) return;
  char head[HEAD + 1] = "";
  int file = open_file(tried);
  if (file < 0) return;
  ssize_t n = pread(file, head, HEAD, 0);
  if (n >= 2 && memcmp(head, "#!", 2) == 0) about_script(message, size, error, head);
  else if (n >= (ssize_t)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0) about_elf(message, size, error, file, head);
  else if (error == ENOEXEC) snprintf(message, size, "it is no program: a script needs a first line such as #!/bin/sh");
  close(file);
}
