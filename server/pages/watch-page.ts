import type { Manifest } from '../../addon/manifest.ts'
import { all, type Html, html } from '../markup/html.ts'
import { wordsIn } from '../words/install/words.ts'
import type { Language } from '../words/languages.ts'
import { progressIn } from '../words/progress/words.ts'
import { refusalsIn } from '../words/refusals/words.ts'
import { type WatchWords, watchIn } from '../words/watch/words.ts'
import { pageFrame } from './page-frame.ts'

const SPEEDS = [0.75, 1, 1.25, 1.5, 2]

/** What watch-keys.js does. */
function keysDialog({ name, close, ...keys }: WatchWords['keys']): Html {
  return html`      <dialog id="keys" aria-labelledby="keys-name">
        <form method="dialog">
          <h2 id="keys-name">${name}</h2>
          <dl>
            ${all(Object.values(keys), ([key = '', does = '']) => html`<dt>${key}</dt><dd>${does}</dd>`)}
          </dl>
          <div class="actions"><button class="button">${close}</button></div>
        </form>
      </dialog>`
}

/** A script shows it near the end of an episode. */
const comingBox = ({ page, script }: WatchWords): Html =>
  html`          <button class="button compact" id="skip" type="button" hidden>${script.skipIntro}</button>
          <div id="coming" role="group" aria-label="${page.coming}" hidden>
            <p><strong id="coming-name"></strong> <span id="coming-in"></span></p>
            <div class="actions">
              <button class="button compact primary" id="go" type="button">${page.playNow}</button>
              <button class="button compact" id="stay" type="button">${page.stay}</button>
            </div>
          </div>`

function controls(page: WatchWords['page'], help: string, language: Language): Html {
  const { copied, notCopied } = wordsIn(language).address
  const speeds = all(SPEEDS, (times) => {
    const isUsual = { markup: times === 1 ? ' selected' : '' }
    return html`<option value="${String(times)}"${isUsual}>${times.toLocaleString(language)} ×</option>`
  })
  return html`          <div class="actions">
            <label id="sound" hidden>${page.sound} <select id="tracks"></select></label>
            <label id="words" hidden>${page.subtitles} <select id="texts"></select></label>
            <label>${page.speed} <select id="speed">${speeds}</select></label>
            <label id="parts" hidden>${page.chapter} <select id="chapters"></select></label>
            <a class="button compact" id="next" rel="next" hidden>${page.coming}</a>
            <span class="apart"></span>
            <a class="button compact" id="vlc" hidden>${page.vlc}</a>
            <a class="button compact" id="players" hidden>${page.players}</a>
            <button class="button compact" id="help" type="button">${help}</button>
            <button class="button compact" id="copy" type="button" data-copied="${copied}" data-not-copied="${notCopied}">${page.copy}</button>
            <a class="button compact" id="file">${page.file}</a>
          </div>`
}

/** The page of `/watch/...`: one player, and in words what it does. A script fills it in. */
export function watchPage(manifest: Manifest, root: string, language: Language): string {
  const words = watchIn(language)
  const { page, keys, script } = words
  const frame = {
    manifest,
    language,
    root,
    title: page.title(manifest.name),
    subtitle: page.subtitle,
    styles: ['page', 'dialog', 'strip', 'watch'],
    script: 'watch',
    words: { progress: progressIn(language), watch: script, refusals: refusalsIn(language) },
    narrow: false,
    footer: html`<a href="${root}test-source-selection">${page.status}</a>`,
  } as const
  return pageFrame(
    frame,
    html`      <section class="screen" id="screen" aria-labelledby="name">
        <div id="picture">
          <video id="video" controls playsinline preload="metadata"></video>
${comingBox(words)}
        </div>
        <div id="time" hidden>
          <input type="range" id="bar" min="0" max="1" step="0.1" value="0" aria-label="${page.time}">
          <output id="place" hidden></output>
        </div>
        <div class="below">
          <h2 id="name">${page.film}</h2>
          <p id="note" class="soft" role="status">${page.asking}</p>
          <noscript><p>${page.needsScripts} <a href="${root}">${page.about}</a></p></noscript>
${controls(page, keys.name, language)}
          <span id="said" class="unseen" role="status"></span>
          <p class="soft small" id="resumes">${page.resumes}</p>
        </div>
      </section>
${keysDialog(keys)}`,
  )
}
