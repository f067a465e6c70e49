// Compiles a list of allow rules for devices to a BPF program of type cgroup_device (linux/bpf.h), and decodes it again.
#pragma once
#include <linux/bpf.h>
#include <stdint.h>

// An allow rule with the fields of v1's devices controller.
struct device_rule {
  // BPF_DEVCG_DEV_BLOCK, BPF_DEVCG_DEV_CHAR, or 0 for both.
  int32_t type;
  // ANY_DEVICE for all.
  int32_t major;
  int32_t minor;
  // Bits of BPF_DEVCG_ACC_*: the rule allows an access that needs no other bits.
  int32_t access;
};

enum { ANY_DEVICE = -1, MOST_RULES = 128, MOST_INSNS = 8 + 8 * MOST_RULES + 2 };

// Writes the program for the rules to `out`, which has room for MOST_INSNS. Returns its length, or -EINVAL for invalid rules.
int device_rules_compile(const struct device_rule *rules, int count, struct bpf_insn *out);

// Writes the rules that a program was compiled from to `out`, which has room for MOST_RULES. Returns their number, or -ENOMSG for a program
// that is not exactly what device_rules_compile writes.
int device_rules_decode(const struct bpf_insn *insns, int count, struct device_rule *out);
