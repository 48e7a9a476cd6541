import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../wait.ts'
import type { FilmBrowser } from './film-browser.ts'
import { startProgram } from './program.ts'

/** Films begin with their sound, without a click. What else is to be quiet is so for whoever drives it. */
const PREFERENCES = [
  'user_pref("media.autoplay.default", 0);',
  'user_pref("media.autoplay.blocking_policy", 0);',
  'user_pref("media.autoplay.block-webaudio", false);',
].join('\n')

type Answer = Readonly<Record<string, unknown>>

/** Orders of WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), each with its answer. */
class Session {
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #orders = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result, message } = JSON.parse(String(data))
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (result) waiting?.resolve(result)
      else waiting?.reject(new Error(`Firefox says: ${message}`))
    })
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox is gone'))
      this.#waiting.clear()
    })
  }

  static async open(address: string): Promise<Session> {
    const socket = new WebSocket(`${address}/session`)
    await once(socket, 'open')
    const session = new Session(socket)
    await session.ask('session.new', { capabilities: {} })
    return session
  }

  /** @throws Error with what the browser says when it refuses */
  ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#orders
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(id, waiting)
    this.#socket.send(JSON.stringify({ id, method, params }))
    return waiting.promise
  }

  async close(): Promise<void> {
    const gone = once(this.#socket, 'close')
    this.#socket.close()
    await gone
  }
}

/** Firefox without a window; every page has a profile of its own. */
export async function startFirefox(): Promise<FilmBrowser> {
  await using started = new AsyncDisposableStack()
  const profile = await mkdtemp(join(tmpdir(), 'playlink-firefox-'))
  started.defer(() => rm(profile, { recursive: true, force: true }))
  await writeFile(join(profile, 'user.js'), PREFERENCES)
  const sound = join(profile, 'sound')
  const outputs = startProgram(soundServer(sound), profile)
  started.defer(() => outputs.stop())
  await eventually('a sound server', () => existsSync(sound), undefined, outputs.log)
  const words = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
  const program = startProgram(
    ['env', `PULSE_SERVER=unix:${sound}`, 'firefox-esr', ...words],
    profile,
  )
  started.defer(() => program.stop())
  const listening = () => /WebDriver BiDi listening on (ws:\S+)/.exec(program.log())?.[1]
  const address = await eventually('Firefox to listen', listening, undefined, program.log)
  const session = await Session.open(address)
  started.defer(() => session.close())
  const all = started.move()
  return {
    open: (url, script) => openPage(session, url, script),
    close: () => all.disposeAsync(),
  }
}

/** An output that nobody hears: without any, Firefox does not run the clock of Web Audio. */
const soundServer = (socket: string): readonly string[] => [
  ...['pulseaudio', '-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no'],
  `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
  '--load=module-null-sink',
]

async function openPage(session: Session, url: string, script: string) {
  const { userContext } = await session.ask('browser.createUserContext', {})
  const { context } = await session.ask('browsingContext.create', { type: 'tab', userContext })
  const functionDeclaration = `() => { ${script} }`
  await session.ask('script.addPreloadScript', { functionDeclaration, contexts: [context] })
  await session.ask('browsingContext.navigate', { context, url, wait: 'complete' })
  return {
    async evaluate(expression: string): Promise<unknown> {
      const { result, exceptionDetails } = (await session.ask('script.evaluate', {
        expression: `(async () => JSON.stringify(await (${expression})))()`,
        target: { context },
        awaitPromise: true,
      })) as { result?: { value?: string }; exceptionDetails?: { text: string } }
      if (exceptionDetails) throw new Error(exceptionDetails.text)
      return result?.value === undefined ? undefined : JSON.parse(result.value)
    },
    async close(): Promise<void> {
      await session.ask('browser.removeUserContext', { userContext })
    },
  }
}
