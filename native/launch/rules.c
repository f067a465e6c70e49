// Rules between the records of a request. Some protect the host: a hostname without a uts namespace would rename the machine, mounts without a
// mount namespace would be visible to all, and without a user namespace or ids the program would run as root.
#define _GNU_SOURCE
#include "request.h"
#include "values.h"
#include <linux/capability.h>
#include <sched.h>

static bool maps_root(const struct id_maps *maps) {
  for (size_t i = 0; i < maps->count; i++) {
    if (maps->line[i].inside == 0) return true;
  }
  return false;
}

// With `join`, these are given by the joined process.
static const char *const not_with_join[] = {"uidmap", "gidmap", "hostname", "view", "rootfs", "go", "init", "grace"};

// These need a root of the program's own.
static const char *const on_own_root[] = {"layer", "scratch", "bind", "home", "tmpsize", "shmsize"};

#define RULE(broken, message, what) \
  if (broken) return (struct refusal){message, what}

static struct refusal find_broken(const struct request *request) {
  bool user = request->namespaces & CLONE_NEWUSER, maps = user && request->join == 0;
  static const char needs_root[] = "must map 0, which the program becomes in its user namespace";
  RULE(request->args == 0, "missing: what to run", "arg");
  RULE(request->argv[0][0] == '\0', "the program's name is empty", "arg");
  RULE(request->dir == NULL, "missing: where to write output and exit", "dir");
  for (size_t i = 0; request->join != 0 && i < sizeof not_with_join / sizeof *not_with_join; i++) {
    RULE(request_has(request, not_with_join[i]), "does not go with join", not_with_join[i]);
  }
  RULE(request->join != 0 && request->namespaces == 0, "needs the kinds to join as ns", "join");
  RULE(!user && request->user, "needs ns=user", "user");
  RULE(!user && request->group, "needs ns=user", "group");
  RULE(request->hostname && !(request->namespaces & CLONE_NEWUTS), "needs ns=uts", "hostname");
  RULE(!user && request->uid_maps.count, "needs ns=user", "uidmap");
  RULE(!user && request->gid_maps.count, "needs ns=user", "gidmap");
  RULE(maps && !maps_root(&request->uid_maps), needs_root, "uidmap");
  RULE(maps && !maps_root(&request->gid_maps), needs_root, "gidmap");
  RULE(!user && !request_has(request, "uid"), "missing: needed without ns=user", "uid");
  RULE(!user && !request_has(request, "gid"), "missing: needed without ns=user", "gid");
  RULE(!request->tty && request_has(request, "winsize"), "needs tty=1", "winsize");
  RULE(request->init && !(request->namespaces & CLONE_NEWPID), "needs ns=pid", "init");
  // With it, the program could open the launcher's own file for writing through /proc/1/exe (as in CVE-2019-5736).
  RULE(request->init && !user && (request->kept & UINT64_C(1) << CAP_SYS_PTRACE), "needs ns=user where CAP_SYS_PTRACE is kept", "init");
  // Another launch may have left a set-user-id file of root in a directory of the host.
  RULE(request->may_gain_privileges && !user && request->uid != 0, "needs ns=user for a program that is not root", "nnp");
  RULE(request->view_host && request->rootfs, "does not go with view", "rootfs");
  RULE(request->view_host && !(request->namespaces & CLONE_NEWNS), "needs ns=mnt", "view");
  RULE(request->rootfs && !(request->namespaces & CLONE_NEWNS), "needs ns=mnt", "rootfs");
  RULE(request->root_writable && !request->rootfs, "needs rootfs", "rootrw");
  RULE(request->root_writable && request->layer, "does not go with layer", "rootrw");
  for (size_t i = 0; !request_has_root(request) && i < sizeof on_own_root / sizeof *on_own_root; i++) {
    RULE(request_has(request, on_own_root[i]), "needs view or rootfs", on_own_root[i]);
  }
  for (size_t i = 0; i < request->bind_count; i++) {
    for (size_t j = 0; j < i; j++) {
      RULE(path_order(request->binds[i].target, request->binds[j].target) == 0, "the target of two binds", request->binds[i].target);
    }
  }
  return (struct refusal){NULL, NULL};
}

bool request_consistent(const struct request *request, struct refusal *refusal) {
  *refusal = find_broken(request);
  return refusal->message == NULL;
}
