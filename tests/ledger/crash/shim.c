/* Records what a process asks of the files below SHIM_DIR, for a replay of what the disk would
 * have had when the power failed.  Loaded with LD_PRELOAD.
 *
 * One record an operation, appended to SHIM_LOG after the operation succeeded:
 *   u32 op, u32 length of the path, i64 offset, u64 length of the data, path, data
 * SHIM_LIE=1      fsync and fdatasync do nothing, say that they succeeded, and are not recorded.
 * SHIM_FAIL=F:N   from the F-th sync on (1 is the first), N of them fail with EIO, unrecorded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, TRUNCATE, SYNC, UNLINK, RENAME, TOLD };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1, lies;
static long fail_from, fail_count, syncs;
static char folder[4096];

__attribute__((constructor)) static void begin(void)
{
    const char *fail = getenv("SHIM_FAIL");
    const char *dir = getenv("SHIM_DIR"), *log = getenv("SHIM_LOG");
    if (!dir || !log)
        return;
    snprintf(folder, sizeof folder, "%s", dir);
    lies = getenv("SHIM_LIE") != NULL;
    if (fail)
        sscanf(fail, "%ld:%ld", &fail_from, &fail_count);
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void record(uint32_t op, const char *path, int64_t offset, const void *data, size_t length)
{
    struct { uint32_t op, path; int64_t offset; uint64_t length; } head =
        { op, (uint32_t)strlen(path), offset, length };
    struct iovec parts[3] = {
        { &head, sizeof head }, { (void *)path, strlen(path) }, { (void *)data, length },
    };
    pthread_mutex_lock(&lock);
    ssize_t written = syscall(SYS_writev, log_fd, parts, length ? 3 : 2);
    pthread_mutex_unlock(&lock);
    if (written != (ssize_t)(sizeof head + strlen(path) + length))
        _exit(99); /* A log with a hole would prove nothing. */
}

static int watched(const char *path)
{
    size_t length = strlen(folder);
    return log_fd >= 0 && strncmp(path, folder, length) == 0
        && (path[length] == '/' || path[length] == 0);
}

/* The path behind a descriptor, or NULL where it is none of ours. */
static const char *path_of(int fd, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = log_fd < 0 ? -1 : readlink(link, path, 4095);
    if (length < 0)
        return NULL;
    path[length] = 0;
    return watched(path) ? path : NULL;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) \
        real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void opened(int fd, const char *path, int flags, int existed)
{
    if (fd < 0 || !watched(path))
        return;
    if (!existed)
        record(CREATE, path, 0, NULL, 0);
    else if (flags & O_TRUNC)
        record(TRUNCATE, path, 0, NULL, 0);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        REAL(name); \
        mode_t mode = 0; \
        if (flags & O_CREAT) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        int existed = watched(path) && access(path, F_OK) == 0; \
        int fd = real(path, flags, mode); \
        opened(fd, path, flags, existed); \
        return fd; \
    }

OPEN(open)
OPEN(open64)

ssize_t write(int fd, const void *data, size_t length)
{
    REAL(write);
    char path[4096];
    if (fd == 1 && log_fd >= 0)
        record(TOLD, "", 0, data, length);
    if (!path_of(fd, path))
        return real(fd, data, length);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    ssize_t written = real(fd, data, length);
    if (written > 0)
        record(WRITE, path, offset, data, (size_t)written);
    return written;
}

#define PWRITE(name, kind) \
    ssize_t name(int fd, const void *data, size_t length, kind offset) \
    { \
        REAL(name); \
        char path[4096]; \
        ssize_t written = real(fd, data, length, offset); \
        if (written > 0 && path_of(fd, path)) \
            record(WRITE, path, offset, data, (size_t)written); \
        return written; \
    }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define TRUNCATION(name, kind) \
    int name(int fd, kind length) \
    { \
        REAL(name); \
        char path[4096]; \
        int result = real(fd, length); \
        if (result == 0 && path_of(fd, path)) \
            record(TRUNCATE, path, length, NULL, 0); \
        return result; \
    }

TRUNCATION(ftruncate, off_t)
TRUNCATION(ftruncate64, off64_t)

#define SYNCING(name) \
    int name(int fd) \
    { \
        REAL(name); \
        char path[4096]; \
        if (!path_of(fd, path)) \
            return real(fd); \
        long nth = __atomic_add_fetch(&syncs, 1, __ATOMIC_SEQ_CST); \
        if (fail_count && nth >= fail_from && nth < fail_from + fail_count) { \
            errno = EIO; \
            return -1; \
        } \
        if (lies) \
            return 0; \
        int result = real(fd); \
        if (result == 0) \
            record(SYNC, path, 0, NULL, 0); \
        return result; \
    }

SYNCING(fsync)
SYNCING(fdatasync)

int unlink(const char *path)
{
    REAL(unlink);
    int result = real(path);
    if (result == 0 && watched(path))
        record(UNLINK, path, 0, NULL, 0);
    return result;
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    int result = real(from, to);
    if (result == 0 && watched(to))
        record(RENAME, from, 0, to, strlen(to));
    return result;
}
