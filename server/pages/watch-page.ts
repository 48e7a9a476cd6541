import type { Manifest } from '../../addon/manifest.ts'
import { html } from '../markup/html.ts'
import { pageFrame } from './page-frame.ts'

/** What watch-keys.js does. */
const KEYS = html`      <dialog id="keys" aria-labelledby="keys-name">
        <form method="dialog">
          <h2 id="keys-name">Keys</h2>
          <dl>
            <dt>Space, K</dt><dd>Play or pause</dd>
            <dt>← →</dt><dd>Ten seconds back or on</dd>
            <dt>0 to 9</dt><dd>To that tenth of the film</dd>
            <dt>↑ ↓</dt><dd>Louder or quieter</dd>
            <dt>M</dt><dd>Sound off or on</dd>
            <dt>C</dt><dd>Subtitles off or on</dd>
            <dt>S</dt><dd>Skip an intro or a recap</dd>
            <dt>N</dt><dd>The next episode</dd>
            <dt>&lt; &gt;</dt><dd>Slower or faster</dd>
            <dt>F</dt><dd>Full screen</dd>
            <dt>P</dt><dd>Picture in picture</dd>
            <dt>?</dt><dd>This list</dd>
          </dl>
          <div class="actions"><button class="button">Close</button></div>
        </form>
      </dialog>`

/** The page of `/watch/...`: one player, and in words what it does. A script fills it in. */
export function watchPage(manifest: Manifest, root: string): string {
  const frame = {
    manifest,
    root,
    title: `Watch – ${manifest.name}`,
    subtitle: 'In your browser',
    styles: ['page', 'dialog', 'strip', 'watch'],
    script: 'watch',
    narrow: false,
    footer: html`<a href="${root}test-source-selection">Status and test plays</a>`,
  } as const
  return pageFrame(
    frame,
    html`      <section class="screen" aria-labelledby="name">
        <div id="picture">
          <video id="video" controls playsinline preload="metadata"></video>
          <button class="button compact" id="skip" type="button" hidden>Skip intro</button>
          <div id="coming" role="group" aria-label="Next episode" hidden>
            <p><strong id="coming-name"></strong> <span id="coming-in"></span></p>
            <div class="actions">
              <button class="button compact primary" id="go" type="button">Play now</button>
              <button class="button compact" id="stay" type="button">Stay here</button>
            </div>
          </div>
        </div>
        <div id="time" hidden>
          <input type="range" id="bar" min="0" max="1" step="0.1" value="0" aria-label="Time">
          <output id="place" hidden></output>
        </div>
        <div class="below">
          <h2 id="name">The film</h2>
          <p id="note" class="soft" role="status">Asking the server what is in this film.</p>
          <noscript><p>This page needs scripts. <a href="${root}">About this server</a></p></noscript>
          <div class="actions">
            <label id="sound" hidden>Sound <select id="tracks"></select></label>
            <label id="words" hidden>Subtitles <select id="texts"></select></label>
            <label>Speed <select id="speed">
              <option value="0.75">0.75 ×</option><option value="1" selected>1 ×</option>
              <option value="1.25">1.25 ×</option><option value="1.5">1.5 ×</option>
              <option value="2">2 ×</option></select></label>
            <label id="parts" hidden>Chapter <select id="chapters"></select></label>
            <a class="button compact" id="next" rel="next" hidden>Next episode</a>
            <span class="apart"></span>
            <a class="button compact" id="vlc" hidden>Open in VLC</a>
            <button class="button compact" id="help" type="button">Keys</button>
            <button class="button compact" id="copy" type="button">Copy link</button>
            <a class="button compact" id="file">The file itself</a>
          </div>
          <span id="said" class="unseen" role="status"></span>
          <p class="soft small">It goes on where this browser stopped.</p>
        </div>
      </section>
${KEYS}`,
  )
}
