// What Swift can't say or its Glibc module doesn't show: the time-stamp counter, fork, statfs, threads' names, policy and place.
#ifndef VARVE_CLOCK_H
#define VARVE_CLOCK_H

#include <pthread.h>
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

/// Memory of at least 128 bytes that is zeros at first and that every fork child finds zeroed anew; never NULL.
/// Always the same: the first caller must not race with others.
void *_Nonnull varve_fork_page(void);

/// fork(), which Swift hides because a child of several threads may do little: tests and nobody else.
int varve_fork(void);

/// Has the calling thread, when it is woken, wait for a processor that has nothing to do, or for the next tick of the
/// scheduler (SCHED_BATCH): a thread of the program that wakes it must not lose its own processor by that. Needs no rights.
void varve_yield_to_others(void);

/// Names the calling thread; what is beyond 15 bytes is cut off.
void varve_name_thread(const char *_Nonnull name);

/// Has a thread that is made with these attributes begin on another processor than the caller's: some schedulers let new
/// threads wait behind their maker for milliseconds. Returns the caller's processor, or -1 where there is no other one, and
/// the attributes are as they were. The thread begins with `varve_allow_processor`, and goes where it likes from then on.
int varve_begin_elsewhere(pthread_attr_t *_Nonnull attributes);

/// Lets the calling thread run on one processor more.
void varve_allow_processor(int processor);

/// Keeps the calling thread on the processor on which it is: for tests and nobody else.
void varve_stay(void);

/// Processors that the scheduler lets this process run on, at least 1.
int varve_processors(void);

#endif
