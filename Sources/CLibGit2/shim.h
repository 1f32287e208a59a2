// What Swift sees of libgit2. `git_libgit2_opts` is variadic, which Swift cannot call; each option
// that Flagstaff sets is a function here, with the types that the manual gives for it.

#include <git2.h>
#include <git2/sys/mempack.h>

static inline int flagstaff_git_set_owner_validation(int enabled) {
  return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int flagstaff_git_set_search_path(int level, const char *path) {
  return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int flagstaff_git_set_certificate_file(const char *file) {
  return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, (const char *)NULL);
}

static inline int flagstaff_git_set_object_bytes_max(size_t bytes) {
  return git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, bytes);
}

static inline int flagstaff_git_set_fsync(int enabled) {
  return git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, enabled);
}

static inline int flagstaff_git_set_open_packs_max(size_t files) {
  return git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, files);
}
