// The table of the filter for 32-bit programs, by the numbers of their calls.
#ifdef __x86_64__
#define CALLS_OF_I386
#include "calls.c"
#endif
