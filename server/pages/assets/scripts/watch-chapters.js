import { at, element } from './dom.js'
import { fill, words } from './words.js'

/** What chapters are called that many would rather not see, and what the button says then. */
const SKIPPED = [
  [/\b(?:intro|opening|title sequence|main titles?)\b|^op$/i, words.watch.skipIntro],
  [/\b(?:recap|previously)\b/i, words.watch.skipRecap],
]

/**
 * A menu that jumps and follows the time, and a button to leave what one of them says may be skipped.
 * @param chapters `{ at, title }`, seconds, as the film has them
 */
export function offerChapters(video, chapters) {
  const all = [...chapters].sort((a, b) => a.at - b.at)
  const menu = at('chapters')
  const options = all.map(({ title }, n) =>
    Object.assign(element('option', title || fill(words.watch.chapter, { n: n + 1 })), {
      value: n,
    }),
  )
  menu.replaceChildren(...options)
  at('parts').hidden = options.length < 2
  menu.addEventListener('change', () => {
    video.currentTime = all[Number(menu.value)].at
  })
  let end = 0
  const follow = () => {
    const now = all.findLastIndex((chapter) => chapter.at <= video.currentTime)
    if (menu.value !== String(now)) menu.value = String(now)
    end = all[now + 1]?.at
    const skips = SKIPPED.find(([names]) => names.test(all[now]?.title ?? ''))?.[1]
    at('skip').hidden = skips === undefined || end === undefined
    if (skips) at('skip').textContent = skips
  }
  at('skip').addEventListener('click', () => {
    video.currentTime = end
    // The button goes, and the keys stay with the film.
    video.focus()
  })
  for (const name of ['timeupdate', 'seeking']) video.addEventListener(name, follow)
  follow()
}
