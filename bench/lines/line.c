/* A line between two TUN devices, for kernels without sch_netem: delay and loss each way, and a rate
   with a drop-tail queue from the second to the first. Linux, root.
   line <near device> <far device> <delay ms, one way> <loss percent> <kbit/s, 0: no limit> <queue ms>
   Prints "ready"; ends with its standard input. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 65536
#define MOST 2048

struct packet {
  double due;
  int length;
  unsigned char bytes[MOST];
};

struct way {
  int in, out;
  double kbit, free_at;
  unsigned head, tail;
  struct packet *slots;
};

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int open_tun(const char *name) {
  struct ifreq request;
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
    perror(name);
    exit(1);
  }
  return fd;
}

static double delay, loss, queue_ms;

/* What came in waits for its time, is lost, or finds the queue full. */
static void take(struct way *way, double now) {
  for (int i = 0; i < 256 && way->tail - way->head < SLOTS; i++) {
    struct packet *packet = &way->slots[way->tail % SLOTS];
    packet->length = read(way->in, packet->bytes, MOST);
    if (packet->length <= 0) return;
    if (drand48() < loss) continue;
    double sent = now;
    if (way->kbit > 0) {
      if (way->free_at < now) way->free_at = now;
      if (way->free_at - now > queue_ms) continue;
      sent = way->free_at += packet->length * 8.0 / way->kbit;
    }
    packet->due = sent + delay;
    way->tail++;
  }
}

static void give(struct way *way, double now) {
  for (; way->head != way->tail; way->head++) {
    struct packet *packet = &way->slots[way->head % SLOTS];
    if (packet->due > now) return;
    if (write(way->out, packet->bytes, packet->length) < 0 && errno == EAGAIN) return;
  }
}

int main(int count, char **args) {
  if (count != 7) return 64;
  int near = open_tun(args[1]), far = open_tun(args[2]);
  delay = atof(args[3]);
  loss = atof(args[4]) / 100;
  queue_ms = atof(args[6]);
  srand48(42);
  struct way ways[2] = {{.in = near, .out = far}, {.in = far, .out = near, .kbit = atof(args[5])}};
  for (int i = 0; i < 2; i++)
    if (!(ways[i].slots = malloc(SLOTS * sizeof(struct packet)))) return 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    double now = now_ms(), next = now + 1000;
    for (int i = 0; i < 2; i++) {
      struct way *way = &ways[i];
      if (way->head != way->tail && way->slots[way->head % SLOTS].due < next)
        next = way->slots[way->head % SLOTS].due;
    }
    double wait = next > now ? next - now : 0;
    struct timespec limit = {(time_t)(wait / 1e3), (long)((wait - 1e3 * (time_t)(wait / 1e3)) * 1e6)};
    struct pollfd polled[3] = {{near, POLLIN, 0}, {far, POLLIN, 0}, {0, POLLIN, 0}};
    ppoll(polled, 3, &limit, NULL);
    if (polled[2].revents & (POLLIN | POLLHUP) && read(0, &limit, sizeof limit) <= 0) return 0;
    now = now_ms();
    for (int i = 0; i < 2; i++) take(&ways[i], now), give(&ways[i], now);
  }
}
