// How the C library keeps memory that was freed, where it can be told. Swift's own module of the C
// library leaves this header out.

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

/// Keeps up to `kept` bytes that were freed at the end of a heap instead of giving them back to the
/// system, and takes `step` bytes more from it than are asked for.
static inline void flagstaff_keep_freed_memory(int kept, int step) {
#if defined(M_TRIM_THRESHOLD) && defined(M_TOP_PAD)
  mallopt(M_TRIM_THRESHOLD, kept);
  mallopt(M_TOP_PAD, step);
#endif
}
