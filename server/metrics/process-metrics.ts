import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

const NANOSECONDS = 1e9
const LOOK_EVERY_MS = 20

/**
 * The process' own numbers under the names that prom-client's default metrics made common. Not
 * those themselves: they start observers that nothing ends.
 */
export function watchProcess(registry: Registry): { close(): void } {
  const registers = [registry]
  const delay = monitorEventLoopDelay({ resolution: LOOK_EVERY_MS })
  delay.enable()

  const lag = (quantile: number) => () => {
    // Node counts from one look to the next: without a delay that is what lies between two looks.
    const value = delay.percentile(quantile * 100) / NANOSECONDS - LOOK_EVERY_MS / 1000
    return Number.isFinite(value) ? Math.max(0, value) : 0
  }
  const read: readonly (readonly [name: string, help: string, value: () => number])[] = [
    ['nodejs_eventloop_lag_p50_seconds', 'Median event loop delay since the last scrape', lag(0.5)],
    ['nodejs_eventloop_lag_p99_seconds', 'Event loop delay since the last scrape, p99', lag(0.99)],
    ['process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss()],
    ['nodejs_heap_size_used_bytes', 'Used heap', () => process.memoryUsage().heapUsed],
    ['nodejs_external_memory_bytes', 'Buffers and such', () => process.memoryUsage().external],
    ['process_cpu_seconds_total', 'User and system time', cpuSeconds],
    ['process_uptime_seconds', 'Since the process started', () => process.uptime()],
  ]
  for (const [name, help, value] of read) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
        // The last one to read the delay starts the next interval.
        if (name === 'nodejs_eventloop_lag_p99_seconds') delay.reset()
      },
    })
  }
  return {
    close() {
      delay.disable()
    },
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
