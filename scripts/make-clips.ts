import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

/**
 * Makes server/clips/*.mp4 anew: `node scripts/make-clips.ts`, needs chromium and ffmpeg. Run by hand
 * when a sentence changes; the clips are committed, for a server has neither program.
 * A still card of 15 s, 1280x720, H.264 (baseline, one key frame) and a silent AAC track,
 * because some players refuse a film without sound.
 */
const CARDS = {
  'no-peers': [
    'Nobody to get it from yet',
    'No data arrived in time. Try another source from the list.',
  ],
  'does-not-fit': [
    'No room on the server',
    'This film does not fit beside what others watch. Try a smaller source.',
  ],
  'source-gone': [
    'This source is gone',
    'It is no longer offered. Open the list again and pick another one.',
  ],
  busy: ['The server is busy', 'Too much is playing right now. Try again in a minute.'],
  failed: [
    'This source does not work',
    'Something about it is broken. Try another source from the list.',
  ],
} as const

const file = (path: string): string => new URL(`../${path}`, import.meta.url).pathname
const logo = readFileSync(file('server/pages/assets/pictures/logo.svg'), 'utf8')

const STYLE = `
  * { margin: 0; box-sizing: border-box }
  body { width: 1280px; height: 720px; background: #101219; color: #eceef6; overflow: hidden;
    font-family: 'DejaVu Sans', sans-serif; display: grid; place-items: center }
  main { width: 1040px; padding: 64px 72px; border-radius: 28px; background: #191c27;
    border: 2px solid #2b3042 }
  header { display: flex; align-items: center; gap: 18px; color: #a0a7bd; font-size: 26px }
  svg { width: 56px; height: 56px }
  h1 { font-size: 58px; line-height: 1.2; margin: 44px 0 20px; letter-spacing: -1px }
  p { text-wrap: balance; font-size: 32px; line-height: 1.45; color: #c3c9da }
  i { display: block; width: 96px; height: 6px; border-radius: 3px; background: #8d93ff; margin-top: 44px }`

const page = (title: string, text: string): string =>
  `<!doctype html><style>${STYLE}</style><main><header>${logo}Playlink</header>` +
  `<h1>${title}</h1><p>${text}</p><i></i></main>`

const folder = mkdtempSync(join(tmpdir(), 'playlink-clips-'))
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const tab = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  for (const [name, [title, text]] of Object.entries(CARDS)) {
    const picture = join(folder, `${name}.png`)
    const clip = file(`server/clips/${name}.mp4`)
    await tab.setContent(page(title, text))
    await tab.screenshot({ path: picture })
    execFileSync('ffmpeg', [
      ...['-v', 'error', '-y', '-loop', '1', '-framerate', '5', '-i', picture],
      ...['-f', 'lavfi', '-i', 'anullsrc=r=44100:cl=stereo', '-t', '15'],
      ...['-c:v', 'libx264', '-profile:v', 'baseline', '-level', '3.1', '-pix_fmt', 'yuv420p'],
      ...['-preset', 'veryslow', '-tune', 'stillimage', '-crf', '27', '-g', '75'],
      ...['-c:a', 'aac', '-b:a', '32k', '-movflags', '+faststart', '-map_metadata', '-1'],
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact', clip],
    ])
    process.stdout.write(`${clip} ${statSync(clip).size}\n`)
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
