// Names in a root of the program's own (resolv.conf(5), hosts(5)). The host's resolv.conf is often a link to a file below /run, which a root
// has new, and its name servers may be on the host's loopback device. nsswitch.conf stays as it is.
#define _GNU_SOURCE
#include "resolving.h"
#include "descriptor.h"
#include "hostpath.h"
#include "mount.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char CONF[] = "/etc/resolv.conf", HOSTS[] = "/etc/hosts";
// Where resolvers on the host's loopback device write the servers that they ask: systemd-resolved, NetworkManager, resolvconf with dnsmasq.
static const char *const upstream[] = {
  "/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf", "/run/dnsmasq/resolv.conf",
};
static const char no_servers[] = "# The host's name servers answer only on the host itself, and cannot be reached from another network.\n";
static const char localhost[] = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";

// Bounds on what is copied. The pages exist only in the child, until its exec.
enum { CONF_MAX = 64 << 10, HOSTS_MAX = 1 << 20, LINE_MAX_KEPT = 1024 };
static char text[HOSTS_MAX + 1], made[CONF_MAX + LINE_MAX_KEPT];

// The host's files (O_PATH), -1 with `host_errors`.
static int host_files[2] = {-1, -1}, host_errors[2];

// Once the new root lies over `/`, a link with .. would lead into it.
void resolving_open(void) {
  struct stat found;
  host_files[0] = host_path_open_to_all(CONF);
  host_errors[0] = errno;
  // Where it is no link, a view has it as well.
  bool link = lstat(HOSTS, &found) == 0 && S_ISLNK(found.st_mode);
  host_files[1] = link ? host_path_open_to_all(HOSTS) : -1;
  host_errors[1] = link ? errno : ENOENT;
}

static int host_file(size_t i) {
  errno = host_errors[i];
  return host_files[i];
}

static bool has_content(int file) {
  struct stat found;
  return file >= 0 && fstat(file, &found) == 0 && S_ISREG(found.st_mode) && found.st_size > 0;
}

// Reads what all users may read into `text`, up to the last whole line within the bound. Takes the descriptor (O_PATH). Before ids are dropped
// this process may be root, so a link must not lead it to a file of the kernel that shows more to root. Returns the length, -1 with errno.
static ssize_t read_open(int path, size_t max, const char **note) {
  char name[32];
  struct stat found;
  ssize_t length = -1;
  errno = path < 0 ? errno : EACCES;
  if (path < 0 || fstat(path, &found) < 0) return -1;
  if (S_ISREG(found.st_mode) && (found.st_mode & S_IROTH) && !is_kernels(path)) {
    snprintf(name, sizeof name, "/proc/self/fd/%d", path);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    for (ssize_t n = 1; file >= 0 && n > 0 && length < (ssize_t)max; length += n) {
      if (length < 0) length = 0;
      n = TEMP_FAILURE_RETRY(read(file, text + length, max - (size_t)length));
      if (n < 0) break;
    }
    if (length == (ssize_t)max && found.st_size > length) {
      while (length > 0 && text[length - 1] != '\n') length--;
      *note = max == CONF_MAX ? "only the first 64 KiB of the host's /etc/resolv.conf are used" : "only the first 1 MiB of /etc/hosts is used";
    }
    close_keeping_errno(file);
  }
  close_keeping_errno(path);
  if (length >= 0) text[length] = '\0';
  return length;
}

// Whether the address of a name server can be one for another network than the host's. One with a scope (fe80::1%eth0) is none.
static bool is_reachable(const char *address) {
  struct in_addr four;
  struct in6_addr six;
  if (inet_pton(AF_INET, address, &four) == 1) return ntohl(four.s_addr) >> 24 != 127 && four.s_addr != 0;
  if (inet_pton(AF_INET6, address, &six) != 1) return false;
  bool mapped = IN6_IS_ADDR_V4MAPPED(&six) && (six.s6_addr[12] == 127 || six.s6_addr[12] == 0);
  return !mapped && !IN6_IS_ADDR_LOOPBACK(&six) && !IN6_IS_ADDR_UNSPECIFIED(&six) && !IN6_IS_ADDR_LINKLOCAL(&six);
}

static bool name_server(const char *line, char *address, size_t size) {
  static const char key[] = "nameserver";
  if (strncmp(line, key, sizeof key - 1) != 0 || strchr(" \t", line[sizeof key - 1]) == NULL) return false;
  const char *at = line + sizeof key - 1 + strspn(line + sizeof key - 1, " \t");
  size_t length = strcspn(at, " \t\r\n");
  snprintf(address, size, "%.*s", (int)(length < size ? length : size - 1), at);
  return length > 0;
}

// Copies `text` to `made` without name servers that cannot be reached. Returns how many are left, and whether all could stay.
static int keep_reachable(bool *all) {
  int kept = 0;
  size_t at = 0;
  *all = true;
  for (const char *line = text, *next; *line != '\0'; line = next) {
    next = strchrnul(line, '\n');
    size_t length = (size_t)(next - line);
    if (*next == '\n') next++;
    char address[INET6_ADDRSTRLEN + 16];
    bool server = name_server(line, address, sizeof address);
    if (server && !is_reachable(address)) {
      *all = false;
      continue;
    }
    kept += server;
    memcpy(made + at, line, length);
    at += length;
    made[at++] = '\n';
  }
  made[at] = '\0';
  return kept;
}

// Opens the file, or makes it where its link leads: to a file below /run that the root does not have yet, through at most a few links.
static int open_target(int root, const char *path) {
  char at[PATH_MAX], link[PATH_MAX - sizeof "/etc/"];
  snprintf(at, sizeof at, "%s", path);
  for (int links = 0; links < 8; links++) {
    int target = path_make(root, at, false);
    int parent = target < 0 && errno == ENOENT ? path_inside(root, "/etc", LINKS_INSIDE) : -1;
    if (parent < 0) return target;
    // A link outside of /etc is not followed further.
    ssize_t length = strncmp(at, "/etc/", 5) == 0 ? readlinkat(parent, at + 5, link, sizeof link - 1) : -1;
    close_keeping_errno(parent);
    if (length < 0) return -1;
    link[length] = '\0';
    snprintf(at, sizeof at, "%s%s", link[0] == '/' ? "" : "/etc/", link);
  }
  errno = ELOOP;
  return -1;
}

// Mounts a file of the root's new /run with the content over the path. It keeps its name there: nothing can be mounted over a file without one.
static bool cover(const struct request *request, int root, const char *path, const char *first, const char *rest) {
  char name[32];
  snprintf(name, sizeof name, ".cgdeck-%s", path + sizeof "/etc/" - 1);
  uint64_t attributes = NO_PROGRAMS | (request->root_writable || request->layer ? 0 : MOUNT_ATTR_RDONLY);
  int target = open_target(root, path);
  // A link of a directory root may lead to the kernel's files, which nothing may cover.
  if (target >= 0 && is_kernels(target)) {
    close(target);
    errno = EPERM;
    return false;
  }
  int run = target < 0 ? -1 : path_inside(root, "/run", LINKS_INSIDE);
  int file = run < 0 ? -1 : openat(run, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
  size_t one = strlen(first), two = strlen(rest);
  bool written = file >= 0 && write(file, first, one) == (ssize_t)one && write(file, rest, two) == (ssize_t)two;
  int tree = written ? tree_clone(run, name, false) : -1;
  bool attached = tree >= 0 && tree_set(tree, attributes, false) && tree_attach(tree, target);
  close_keeping_errno(tree);
  close_keeping_errno(file);
  close_keeping_errno(run);
  close_keeping_errno(target);
  return attached;
}

static const char *why_no_conf(int error) {
  if (error == ELOOP) return "no name servers: the links of /etc/resolv.conf form a loop";
  if (error == EACCES) return "no name servers: the host's /etc/resolv.conf is not a file that all users may read";
  if (error == EROFS) return "no name servers: the root has no /etc/resolv.conf, and cannot be written to";
  return "no name servers: /etc/resolv.conf cannot be made";
}

// A directory's own file is kept.
static const char *give_conf(const struct request *request, int root) {
  bool own_network = request->namespaces & CLONE_NEWNET, all = true;
  const char *note = "", *first = "";
  int inside = path_inside(root, CONF, LINKS_INSIDE);
  bool there = has_content(inside);
  close_keeping_errno(inside);
  if (there && (request->rootfs || !own_network)) return "";
  if (read_open(host_file(0), CONF_MAX, &note) < 0) return errno == ENOENT ? "" : why_no_conf(errno);
  int kept = keep_reachable(&all);
  if (there && all) return "";
  if (own_network && kept == 0) first = no_servers;
  for (size_t i = 0; first[0] != '\0' && i < sizeof upstream / sizeof *upstream; i++) {
    if (read_open(host_path_open_to_all(upstream[i]), CONF_MAX, &note) >= 0 && keep_reachable(&all) > 0) first = "";
  }
  return cover(request, root, CONF, first, own_network ? made : text) ? note : why_no_conf(errno);
}

// Whether a line of `text` has the name; with `own`, whether it is one of the loopback device.
static bool has_name(const char *name, bool own) {
  size_t length = strlen(name);
  for (const char *line = text, *next; *line != '\0'; line = next) {
    const char *end = line + strcspn(line, "#\n");
    next = strchrnul(line, '\n');
    if (*next == '\n') next++;
    const char *word = line + strspn(line, " \t");
    bool loopback = strncmp(word, "127.", 4) == 0 || strncmp(word, "::1", 3) == 0;
    for (word += strcspn(word, " \t\r\n"); word < end && (loopback || !own); word += strcspn(word, " \t\r\n#")) {
      word += strspn(word, " \t\r");
      if (strncasecmp(word, name, length) == 0 && strchr(" \t\r\n#", word[length]) != NULL) return true;
      if (word >= end) break;
    }
  }
  return false;
}

static bool is_host_name(const char *name) {
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
  return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}

// Without this, a program that looks up its own host name asks name servers, and may wait for them.
static const char *give_hosts(const struct request *request, int root) {
  struct utsname system;
  const char *note = "", *name = request->hostname;
  char line[3 * sizeof system.nodename];
  if (name == NULL) name = uname(&system) == 0 ? system.nodename : "";
  if (!is_host_name(name)) return "";
  ssize_t length = read_open(path_inside(root, HOSTS, LINKS_INSIDE), HOSTS_MAX, &note);
  if (length < 0 && request->view_host) length = read_open(host_file(1), HOSTS_MAX, &note);
  if (length > 0 && has_name(name, request->hostname != NULL)) return "";
  // What the program writes to a file that is covered does not stay.
  bool writable = request->root_writable || request->layer;
  if (length > 0 && writable && request->hostname == NULL) return "";
  size_t label = strcspn(name, ".");
  snprintf(line, sizeof line, "127.0.1.1 %s%s%.*s\n", name, name[label] == '\0' ? "" : " ", name[label] == '\0' ? 0 : (int)label, name);
  if (cover(request, root, HOSTS, line, length > 0 ? text : localhost)) return note;
  return request->hostname ? "the own host name is not in /etc/hosts, which the root has not or cannot show" : "";
}

const char *resolving_give(const struct request *request, int root) {
  const char *conf = give_conf(request, root), *hosts = give_hosts(request, root);
  return conf[0] != '\0' ? conf : hosts;
}
