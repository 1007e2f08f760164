/*
 * Preloaded into the server: remembers, for every file below POWERCUT_DIR, what each write replaced since the file was
 * last synced. After the process was killed the test puts all of it back, and the directory is as a power cut would have
 * left it. POWERCUT_BLIND=1 never forgets anything, like a disk that lies about syncing: with it the test must fail.
 *
 * One undo file per data file in POWERCUT_UNDO, named after it with '/' as '%'. Records, newest last:
 *   int64 offset, int64 size of the file before, int64 length of the bytes replaced, then those bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int undo_of(const char *path, char *out, size_t size)
{
    const char *dir = getenv("POWERCUT_DIR"), *undo = getenv("POWERCUT_UNDO");
    if (!dir || !undo) return 0;
    size_t length = strlen(path), prefix = strlen(dir);
    /* The shared-memory index is rebuilt after a crash, and only mapped anyway. */
    if (strncmp(path, dir, prefix) || path[prefix] != '/' || (length > 4 && !strcmp(path + length - 4, "-shm"))) return 0;
    int written = snprintf(out, size, "%s/", undo);
    for (const char *c = path; *c && (size_t)written < size - 1; c++) out[written++] = *c == '/' ? '%' : *c;
    out[written] = 0;
    return 1;
}

static int undo_path(int fd, char *out, size_t size)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return undo_of(path, out, size);
}

static void put(int fd, const void *data, size_t length)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    const char *from = data;
    while (length > 0)
    {
        ssize_t wrote = real(fd, from, length);
        if (wrote <= 0) abort();
        from += wrote;
        length -= (size_t)wrote;
    }
}

static void remember(int fd, int64_t offset, int64_t length)
{
    char path[PATH_MAX];
    struct stat before;
    if (!undo_path(fd, path, sizeof path) || fstat(fd, &before)) return;
    char *old = malloc((size_t)length + 1);
    ssize_t kept = pread(fd, old, (size_t)length, offset);
    int64_t head[3] = { offset, before.st_size, kept < 0 ? 0 : kept };
    int undo = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (undo < 0) abort();
    put(undo, head, sizeof head);
    put(undo, old, (size_t)head[2]);
    close(undo);
    free(old);
}

static int drop(const char *path)
{
    static int (*real)(const char *);
    if (!real) real = dlsym(RTLD_NEXT, "unlink");
    return real(path);
}

static void forget(int fd)
{
    char path[PATH_MAX];
    if (!getenv("POWERCUT_BLIND") && undo_path(fd, path, sizeof path)) drop(path);
}

/* A file made anew under the name of a deleted one has nothing to put back from before. By name: closing a second
 * descriptor of the file would drop the locks SQLite holds on it. */
int unlink(const char *path)
{
    char undo[PATH_MAX], real[PATH_MAX];
    pthread_mutex_lock(&lock);
    int known = realpath(path, real) && undo_of(real, undo, sizeof undo);
    int result = drop(path);
    if (!result && known) drop(undo);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    pthread_mutex_lock(&lock);
    remember(fd, offset, (int64_t)length);
    ssize_t wrote = real(fd, data, length, offset);
    pthread_mutex_unlock(&lock);
    return wrote;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return pwrite64(fd, data, length, offset); }

int ftruncate64(int fd, off64_t size)
{
    static int (*real)(int, off64_t);
    struct stat before;
    if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
    pthread_mutex_lock(&lock);
    if (!fstat(fd, &before)) remember(fd, size, before.st_size > size ? before.st_size - size : 0);
    int result = real(fd, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int synced(int fd, const char *name)
{
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    pthread_mutex_lock(&lock);
    int result = real(fd);
    if (!result) forget(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return synced(fd, "fsync"); }

int fdatasync(int fd) { return synced(fd, "fdatasync"); }
