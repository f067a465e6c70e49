// A list of allow rules for devices as a program of type cgroup_device (linux/bpf.h), and back.
#pragma once
#include <linux/bpf.h>
#include <stdint.h>

// Fields as an allow rule of v1's devices controller has them.
struct device_rule {
  // 0 for either, or BPF_DEVCG_DEV_BLOCK or BPF_DEVCG_DEV_CHAR.
  int32_t type;
  // ANY_DEVICE for all.
  int32_t major;
  int32_t minor;
  // Bits of BPF_DEVCG_ACC_*: a rule allows what asks for nothing else.
  int32_t access;
};

enum { ANY_DEVICE = -1, MOST_RULES = 128, MOST_INSNS = 8 + 8 * MOST_RULES + 2 };

// Writes the program for the rules to `out`, which has room for MOST_INSNS. Returns its length, or -EINVAL for rules that are none.
int device_rules_compile(const struct device_rule *rules, int count, struct bpf_insn *out);

// The rules that a program was compiled from, to `out`, which has room for MOST_RULES. Returns their number, or -ENOMSG for a program that
// device_rules_compile would not have written just so.
int device_rules_decode(const struct bpf_insn *insns, int count, struct device_rule *out);
