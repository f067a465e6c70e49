// Drops ids and capabilities (capabilities(7), credentials(7)).
#define _GNU_SOURCE
#include "privilege.h"
#include "line.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void privilege_hide(void) {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) fail(STEP_CHILD, "PR_SET_DUMPABLE");
}

// EPERM comes from a filter that we run under, which then applies to the program as well.
void privilege_own_keys(void) {
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 || errno == ENOSYS || errno == EPERM) return;
  fail(STEP_CHILD, "KEYCTL_JOIN_SESSION_KEYRING");
}

// The bounding set keeps exec from granting capabilities to uid 0 or by file capabilities. The loop ends where the kernel has no more, as it
// may know more capabilities than this program.
void privilege_bound(uint64_t kept) {
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
    bool keep = cap < 64 && (kept & UINT64_C(1) << cap);
    if (!keep && (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)) {
      fail(STEP_CAPABILITIES, "PR_CAPBSET_DROP");
    }
  }
}

// Groups first, then gid, then uid, as each needs a right that the next step drops. Real, effective and saved ids are set, so that none can
// be restored. In a user namespace the program becomes its root, which has no rights outside.
void privilege_become(const struct request *request, bool keep_groups) {
  bool user = request->namespaces & CLONE_NEWUSER;
  gid_t gid = user ? 0 : request->gid;
  uid_t uid = user ? 0 : request->uid;
  if (request->kept != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) fail(STEP_IDS, "PR_SET_KEEPCAPS");
  // Without root, supplementary groups cannot be dropped: the program keeps the rights of the user's groups.
  if (!(user && keep_groups) && setgroups(0, NULL) < 0) fail(STEP_IDS, "setgroups");
  if (setresgid(gid, gid, gid) < 0) fail(STEP_IDS, "setresgid");
  if (setresuid(uid, uid, uid) < 0) fail(STEP_IDS, "setresuid");
  die_with_launcher();
  privilege_hide();
  done(STEP_IDS);
}

static void set_all(uint64_t kept) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    uint32_t part = (uint32_t)(kept >> 32 * i);
    sets[i] = (struct __user_cap_data_struct){.effective = part, .permitted = part, .inheritable = part};
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) fail(STEP_CAPABILITIES, "PR_CAP_AMBIENT_CLEAR_ALL");
  if (syscall(SYS_capset, &header, sets) < 0) fail(STEP_CAPABILITIES, "capset");
}

// At exec, root gets the capabilities of the bounding set, any other user only ambient ones.
void privilege_keep(uint64_t kept, bool root) {
  set_all(kept);
  for (int cap = 0; !root && cap < 64; cap++) {
    if (!(kept & UINT64_C(1) << cap)) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0) fail(STEP_CAPABILITIES, "PR_CAP_AMBIENT_RAISE");
  }
  done(STEP_CAPABILITIES);
}

void privilege_none(void) { set_all(0); }

void privilege_no_new(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail(STEP_PRIVILEGES, "PR_SET_NO_NEW_PRIVS");
  done(STEP_PRIVILEGES);
}
