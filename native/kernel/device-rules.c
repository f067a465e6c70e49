// The program loads the context into registers, then checks rule by rule. The first rule that allows ends it; after the last it denies.
#include "device-rules.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

// The kernel's dev_t has 12 bits for the major and 20 for the minor number.
enum { MAJORS = 1 << 12, MINORS = 1 << 20, WHOLE_ACCESS = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE };

enum { ANSWER = BPF_REG_0, SCRATCH = BPF_REG_1, TYPE = BPF_REG_2, ACCESS = BPF_REG_3, MAJOR = BPF_REG_4, MINOR = BPF_REG_5 };

#define LOAD(to, field) \
  {.code = BPF_LDX | BPF_W | BPF_MEM, .dst_reg = (to), .src_reg = BPF_REG_1, .off = offsetof(struct bpf_cgroup_dev_ctx, field)}
#define SET(to, value) {.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = (to), .imm = (value)}
#define COPY(to, from) {.code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = (to), .src_reg = (from)}
#define MASK(to, bits) {.code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = (to), .imm = (bits)}
#define SHIFT(to, bits) {.code = BPF_ALU | BPF_RSH | BPF_K, .dst_reg = (to), .imm = (bits)}
#define UNLESS(value, is) {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (value), .imm = (is)}
#define UNLESS_SAME(one, other) {.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = (one), .src_reg = (other)}
#define EXIT {.code = BPF_JMP | BPF_EXIT}

// access_type is (access << 16) | type.
static const struct bpf_insn begin[] = {
  LOAD(TYPE, access_type), COPY(ACCESS, TYPE), MASK(TYPE, 0xffff), SHIFT(ACCESS, 16), LOAD(MAJOR, major), LOAD(MINOR, minor),
};
static const struct bpf_insn allow[] = {SET(ANSWER, 1), EXIT};
static const struct bpf_insn deny[] = {SET(ANSWER, 0), EXIT};
enum { BEGIN = sizeof begin / sizeof *begin, END = sizeof allow / sizeof *allow, MOST_CHECKS = 6 };

static bool is_number(int32_t value, int32_t below) { return value == ANY_DEVICE || (value >= 0 && value < below); }

static bool is_rule(const struct device_rule *rule) {
  return (rule->type == 0 || rule->type == BPF_DEVCG_DEV_BLOCK || rule->type == BPF_DEVCG_DEV_CHAR) && is_number(rule->major, MAJORS) &&
         is_number(rule->minor, MINORS) && rule->access > 0 && (rule->access & ~WHOLE_ACCESS) == 0;
}

static bool is_everything(const struct device_rule *rule) {
  return rule->type == 0 && rule->major == ANY_DEVICE && rule->minor == ANY_DEVICE && rule->access == WHOLE_ACCESS;
}

// The checks of one rule, each of which jumps over the rest of the rule if it fails.
static int compile_rule(const struct device_rule *rule, struct bpf_insn *out) {
  int n = 0;
  if (rule->type != 0) out[n++] = (struct bpf_insn)UNLESS(TYPE, rule->type);
  if (rule->access != WHOLE_ACCESS) {
    out[n++] = (struct bpf_insn)COPY(SCRATCH, ACCESS);
    out[n++] = (struct bpf_insn)MASK(SCRATCH, rule->access);
    out[n++] = (struct bpf_insn)UNLESS_SAME(SCRATCH, ACCESS);
  }
  if (rule->major != ANY_DEVICE) out[n++] = (struct bpf_insn)UNLESS(MAJOR, rule->major);
  if (rule->minor != ANY_DEVICE) out[n++] = (struct bpf_insn)UNLESS(MINOR, rule->minor);
  for (int i = 0; i < n; i++) {
    if (BPF_CLASS(out[i].code) == BPF_JMP) out[i].off = (int16_t)(n - i - 1 + END);
  }
  return n;
}

int device_rules_compile(const struct device_rule *rules, int count, struct bpf_insn *out) {
  if (count < 0 || count > MOST_RULES) return -EINVAL;
  memcpy(out, begin, sizeof begin);
  int n = BEGIN;
  for (int i = 0; i < count; i++) {
    if (!is_rule(&rules[i])) return -EINVAL;
    n += compile_rule(&rules[i], out + n);
    memcpy(out + n, allow, sizeof allow);
    n += END;
    // The rest would be unreachable, which the verifier of older kernels refuses.
    if (is_everything(&rules[i])) return n;
  }
  memcpy(out + n, deny, sizeof deny);
  return n + END;
}

static bool is_allow(const struct bpf_insn *insns, int count) {
  return count >= END && memcmp(insns, allow, sizeof allow) == 0;
}

// Decodes one instruction of a rule. The order is checked afterwards, by compiling the rules again.
static bool decode_check(const struct bpf_insn *insn, struct device_rule *rule) {
  if (BPF_CLASS(insn->code) == BPF_ALU) {
    if (BPF_OP(insn->code) == BPF_AND) rule->access = insn->imm;
    return true;
  }
  switch (insn->dst_reg) {
    case TYPE: rule->type = insn->imm; return true;
    case MAJOR: rule->major = insn->imm; return true;
    case MINOR: rule->minor = insn->imm; return true;
    case SCRATCH: return true;
    default: return false;
  }
}

int device_rules_decode(const struct bpf_insn *insns, int count, struct device_rule *out) {
  if (count < BEGIN + END || count > MOST_INSNS) return -ENOMSG;
  int found = 0;
  for (int at = BEGIN; at < count - END || is_allow(insns + at, count - at); at += END) {
    if (found == MOST_RULES) return -ENOMSG;
    struct device_rule rule = {.type = 0, .major = ANY_DEVICE, .minor = ANY_DEVICE, .access = WHOLE_ACCESS};
    for (int checks = 0; !is_allow(insns + at, count - at); at++) {
      if (at >= count || checks++ == MOST_CHECKS || !decode_check(&insns[at], &rule)) return -ENOMSG;
    }
    out[found++] = rule;
  }
  struct bpf_insn again[MOST_INSNS];
  int length = device_rules_compile(out, found, again);
  return length == count && memcmp(again, insns, sizeof *insns * (size_t)count) == 0 ? found : -ENOMSG;
}
