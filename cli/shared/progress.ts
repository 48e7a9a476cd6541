import { Presets, SingleBar } from 'cli-progress'
import { readableSize } from '../../common/readable-size.ts'

export interface Progress {
  add(bytes: number): void
  /** Removes the bar. */
  end(): { readonly bytes: number; readonly seconds: number }
}

/** Counts bytes, and shows a progress bar when the output is a terminal. */
export function createProgress(totalBytes: number): Progress {
  const began = performance.now()
  const seconds = (): number => Math.max(0.001, (performance.now() - began) / 1000)
  let bytes = 0
  const bar =
    process.stdout.isTTY && totalBytes > 0
      ? new SingleBar(
          {
            stream: process.stdout,
            clearOnComplete: true,
            format: '{bar} {percentage} %  {here} of {all}  {pace}/s  {eta_formatted} left',
          },
          Presets.shades_classic,
        )
      : undefined
  const facts = () => ({
    here: readableSize(bytes),
    all: readableSize(totalBytes),
    pace: readableSize(bytes / seconds()),
  })
  bar?.start(totalBytes, 0, facts())
  return {
    add(more) {
      bytes += more
      bar?.update(Math.min(bytes, totalBytes), facts())
    },
    end() {
      bar?.stop()
      return { bytes, seconds: seconds() }
    },
  }
}
