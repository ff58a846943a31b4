#define _GNU_SOURCE
#include "varve_clock.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

static void *fork_page;
static uint64_t spare_page[16];

static void wipe_in_child(void) { memset(fork_page, 0, sizeof spare_page); }

void *varve_fork_page(void) {
    if (fork_page) return fork_page;
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) page = spare_page;
    int is_wiped = page != spare_page && madvise(page, size, MADV_WIPEONFORK) == 0;
    fork_page = page;
    // Kernels before 4.14, and sandboxes that answer for them: the C library does it, at least for its own fork.
    if (!is_wiped) pthread_atfork(0, 0, wipe_in_child);
    return page;
}

int varve_fork(void) { return fork(); }

void varve_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

void varve_yield_to_others(void) {
    struct sched_param none = {0};
    // Refused, it is no loss.
    sched_setscheduler(0, SCHED_BATCH, &none);
}

int varve_begin_elsewhere(pthread_attr_t *attributes) {
    cpu_set_t others;
    int here = sched_getcpu();
    if (here < 0 || sched_getaffinity(0, sizeof others, &others) != 0) return -1;
    CPU_CLR(here, &others);
    if (CPU_COUNT(&others) == 0) return -1;
    return pthread_attr_setaffinity_np(attributes, sizeof others, &others) == 0 ? here : -1;
}

void varve_allow_processor(int processor) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return;
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof set, &set);
}

void varve_stay(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    sched_setaffinity(0, sizeof set, &set);
}

int varve_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
