// The processor's time-stamp counter and the fork primitives that Swift's Glibc overlay doesn't show.
#ifndef VARVE_CLOCK_H
#define VARVE_CLOCK_H

#include <stdint.h>

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
