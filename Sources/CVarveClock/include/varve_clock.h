// What Swift can't say or its Glibc module doesn't show: the processor's time-stamp counter, fork, statfs.
#ifndef VARVE_CLOCK_H
#define VARVE_CLOCK_H

#include <stdint.h>
#include <sys/vfs.h>

#if defined(__x86_64__)
#include <x86intrin.h>
static inline uint64_t varve_ticks(void) { return __rdtsc(); }
#elif defined(__aarch64__)
static inline uint64_t varve_ticks(void) {
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
}
#else
/// 0 says that this processor has no counter that we know how to read.
static inline uint64_t varve_ticks(void) { return 0; }
#endif

#endif
