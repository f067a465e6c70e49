// Lists the device programs of a group on cgroup v2, and attaches, replaces and removes cgdeck's own (bpf(2)). Programs of other software stay
// as they are; the kernel allows an access only if all programs of the group and its ancestors do. Errors are returned as -errno.
#define _GNU_SOURCE
#include "device-rules.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// MOST_PROGRAMS is the kernel's BPF_CGROUP_MAX_PROGS, which its public headers lack.
enum { MOST_PROGRAMS = 64, LOG_BYTES = 1 << 18 };

// By this name we recognise our own programs.
static const char NAME[] = "cgdeck_dev";

enum failed_step { OPENING = 1, LOADING, QUERYING, ATTACHING };

struct device_program {
  uint32_t id;
  int32_t ours;
  // The number of its rules; -1 if they cannot be read.
  int32_t rules;
  char name[BPF_OBJ_NAME_LEN];
};

static int bpf(int command, union bpf_attr *attr) {
  long result = syscall(SYS_bpf, command, attr, sizeof *attr);
  return result < 0 ? -errno : (int)result;
}

static uint64_t address(const void *at) { return (uint64_t)(uintptr_t)at; }

static int open_group(const char *dir) {
  int group = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return group < 0 ? -errno : group;
}

// Writes the ids of the programs attached to the group itself. Returns their number.
static int attached(int group, uint32_t *ids) {
  union bpf_attr attr = {.query = {.target_fd = (uint32_t)group, .attach_type = BPF_CGROUP_DEVICE, .prog_ids = address(ids), .prog_cnt = MOST_PROGRAMS}};
  int result = bpf(BPF_PROG_QUERY, &attr);
  return result < 0 ? result : (int)attr.query.prog_cnt;
}

static int open_program(uint32_t id) {
  union bpf_attr attr = {.prog_id = id};
  return bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

// Reads what the kernel knows of a program. `insns` may be NULL; else it has room for MOST_INSNS.
static int info_of(int program, struct bpf_prog_info *info, struct bpf_insn *insns) {
  *info = (struct bpf_prog_info){.xlated_prog_insns = address(insns), .xlated_prog_len = insns ? MOST_INSNS * sizeof *insns : 0};
  union bpf_attr attr = {.info = {.bpf_fd = (uint32_t)program, .info_len = sizeof *info, .info = address(info)}};
  return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

static bool is_ours(const struct bpf_prog_info *info) {
  return info->type == BPF_PROG_TYPE_CGROUP_DEVICE && strncmp(info->name, NAME, sizeof info->name) == 0;
}

// Opens those of the group's programs that are ours. Returns their number.
static int open_ours(int group, int *ours) {
  uint32_t ids[MOST_PROGRAMS];
  int count = attached(group, ids), found = 0;
  for (int i = 0; i < count; i++) {
    struct bpf_prog_info info;
    int program = open_program(ids[i]);
    // It was removed meanwhile.
    if (program == -ENOENT) continue;
    int error = program < 0 ? program : info_of(program, &info, NULL);
    if (error == 0 && is_ours(&info)) {
      ours[found++] = program;
      continue;
    }
    if (program >= 0) close(program);
    if (error == 0) continue;
    while (found > 0) close(ours[--found]);
    return error;
  }
  return count < 0 ? count : found;
}

static int load(const struct bpf_insn *insns, int count, char *log, uint32_t log_bytes) {
  union bpf_attr attr = {
      .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
      .insn_cnt = (uint32_t)count,
      .insns = address(insns),
      .license = address("Apache-2.0"),
      .log_level = log ? 1 : 0,
      .log_buf = address(log),
      .log_size = log_bytes,
  };
  memcpy(attr.prog_name, NAME, sizeof NAME);
  return bpf(BPF_PROG_LOAD, &attr);
}

// Loads a refused program again with a log, and keeps the end of the log, which has the reason.
static void read_verifier_log(const struct bpf_insn *insns, int count, char *log, int log_bytes) {
  char *whole = calloc(1, LOG_BYTES);
  if (whole == NULL) return;
  int program = load(insns, count, whole, LOG_BYTES);
  if (program >= 0) close(program);
  whole[LOG_BYTES - 1] = '\0';
  size_t length = strlen(whole), room = (size_t)log_bytes - 1;
  strcpy(log, whole + (length > room ? length - room : 0));
  free(whole);
}

static int attach(int group, int program, int instead_of) {
  union bpf_attr attr = {
      .target_fd = (uint32_t)group,
      .attach_bpf_fd = (uint32_t)program,
      .attach_type = BPF_CGROUP_DEVICE,
      .attach_flags = BPF_F_ALLOW_MULTI | (instead_of < 0 ? 0 : BPF_F_REPLACE),
      .replace_bpf_fd = instead_of < 0 ? 0 : (uint32_t)instead_of,
  };
  return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int group, int program) {
  union bpf_attr attr = {.target_fd = (uint32_t)group, .attach_bpf_fd = (uint32_t)program, .attach_type = BPF_CGROUP_DEVICE};
  int result = bpf(BPF_PROG_DETACH, &attr);
  return result == -ENOENT ? 0 : result;
}

// Replaces our first program by `program`, or adds it if we have none, and detaches any others of ours.
static int put(int group, int program, const int *ours, int count) {
  int kept = count > 0 ? attach(group, program, ours[0]) : attach(group, program, -1);
  // Linux before 5.6 cannot replace: attach first and detach later, so that a program is attached all the time.
  bool beside = count > 0 && kept == -EINVAL;
  if (beside) kept = attach(group, program, -1);
  if (kept < 0) return kept;
  for (int i = beside ? 0 : 1; i < count; i++) detach(group, ours[i]);
  return 0;
}

// Attaches a program for the rules to the group at `dir`, in place of an earlier one of ours. `step` is set to the step that failed, `log` to
// the end of the verifier's log.
__attribute__((visibility("default"))) int cgdeck_device_rules_set(const char *dir, const struct device_rule *rules, int count, int32_t *step, char *log,
                                                                   int log_bytes) {
  struct bpf_insn insns[MOST_INSNS];
  int ours[MOST_PROGRAMS];
  log[0] = '\0';
  *step = LOADING;
  int length = device_rules_compile(rules, count, insns);
  if (length < 0) return length;
  int program = load(insns, length, NULL, 0);
  if (program < 0) {
    if (program != -EPERM) read_verifier_log(insns, length, log, log_bytes);
    return program;
  }
  *step = OPENING;
  int group = open_group(dir);
  int result = group;
  if (group >= 0) {
    *step = QUERYING;
    int found = result = open_ours(group, ours);
    if (found >= 0) {
      *step = ATTACHING;
      result = put(group, program, ours, found);
    }
    while (found > 0) close(ours[--found]);
    close(group);
  }
  close(program);
  return result;
}

// Detaches our programs from the group at `dir`. Returns how many there were.
__attribute__((visibility("default"))) int cgdeck_device_rules_remove(const char *dir, int32_t *step) {
  int ours[MOST_PROGRAMS];
  *step = OPENING;
  int group = open_group(dir);
  if (group < 0) return group;
  *step = QUERYING;
  int found = open_ours(group, ours), result = found;
  if (found >= 0) *step = ATTACHING;
  for (int i = 0; i < found; i++) {
    int error = detach(group, ours[i]);
    if (error < 0) result = error;
    close(ours[i]);
  }
  close(group);
  return result;
}

static int describe(uint32_t id, struct device_program *out, struct device_rule *rules) {
  struct bpf_insn insns[MOST_INSNS];
  struct bpf_prog_info info;
  int program = open_program(id);
  if (program < 0) return program;
  int error = info_of(program, &info, insns);
  close(program);
  if (error < 0) return error;
  *out = (struct device_program){.id = id, .ours = is_ours(&info), .rules = -1};
  memcpy(out->name, info.name, sizeof out->name);
  if (!out->ours || info.xlated_prog_insns == 0) return 0;
  int found = device_rules_decode(insns, (int)(info.xlated_prog_len / sizeof *insns), rules);
  out->rules = found < 0 ? -1 : found;
  return 0;
}

// Lists the programs attached to the group at `dir` itself, at most MOST_PROGRAMS, and the rules of ours, at most MOST_RULES in all.
// Returns the number of programs.
__attribute__((visibility("default"))) int cgdeck_device_programs(const char *dir, struct device_program *out, struct device_rule *rules, int32_t *step) {
  uint32_t ids[MOST_PROGRAMS];
  struct device_rule own[MOST_RULES];
  int found = 0, used = 0;
  *step = OPENING;
  int group = open_group(dir);
  if (group < 0) return group;
  *step = QUERYING;
  int count = attached(group, ids), error = count < 0 ? count : 0;
  for (int i = 0; i < count && error == 0; i++) {
    error = describe(ids[i], &out[found], own);
    if (error == -ENOENT) {
      error = 0;
      continue;
    }
    if (error < 0) break;
    int fits = out[found].rules >= 0 && used + out[found].rules <= MOST_RULES;
    if (!fits) out[found].rules = -1;
    else memcpy(rules + used, own, sizeof *own * (size_t)out[found].rules), used += out[found].rules;
    found++;
  }
  close(group);
  return error < 0 ? error : found;
}
