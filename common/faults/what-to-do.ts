import type { FaultCode } from '../errors.ts'

/**
 * What can be done about an error, for the viewer or, where it says so, for the operator: sentences that stand behind
 * the message of every refusal. docs/errors.md has the same.
 */
export const whatToDo: Readonly<Record<FaultCode, string>> = {
  BAD_TYPE: 'Open the title in Stremio, or mend that part of the address.',
  BAD_IMDB_ID: 'Open the title in Stremio, or mend that part of the address.',
  BAD_FILE_INDEX: 'Open a source of the list, or mend that part of the address.',
  BAD_SEASON: 'Open the episode in Stremio, or mend that part of the address.',
  BAD_EPISODE: 'Open the episode in Stremio, or mend that part of the address.',
  BAD_SOURCE_KEY: 'Open the list again and take the address from there, or leave "s" out.',
  BAD_HOST: 'Open the address by a name; the operator sees whether the proxy hands the header on.',
  BAD_REQUEST: 'Send it again as plain HTTP/1.1; the operator sees whether a proxy changes it.',
  BAD_BODY: 'Send one of these as it stands; the README has examples.',
  NODE_SIGNATURE: 'The operator gives all nodes the same CLUSTER_SECRET, and starts them again.',
  NODE_CLOCK: 'The operator lets all nodes set their clocks by NTP; the doctor tells which is off.',
  UNAUTHORIZED: 'The operator knows the token: it is ADMIN_TOKEN of the settings.',
  FORBIDDEN_ORIGIN: 'Use the status page of this server, or a command without an Origin header.',
  MANAGEMENT_CLOSED:
    'The operator sets it to 16 characters or more, and sends it as a Bearer token.',
  NOT_LOCAL: 'Ask from that machine, not through a proxy, or let the operator set ADMIN_TOKEN.',
  TOKEN_MISSING: 'Install the addon by the address that its operator gave you.',
  TOKEN_UNKNOWN: 'Then install the addon by the new address.',
  TOKEN_BYTES: 'The operator can give it more by "token add" with another --month-gb.',
  STOPPED: 'Ask the operator why if it is stopped again.',
  NOT_FOUND: 'Go to the start page, or see whether the address was copied whole.',
  UNKNOWN_TITLE:
    'Try again in some minutes; the operator can add providers: CATALOGUE, UPSTREAM_ADDONS, TORZNAB, FEEDS.',
  UNKNOWN_SOURCE: 'Open the list again, and choose one of the sources that it has now.',
  SOURCE_GONE: 'Choose another source if it is not in there any more.',
  NO_WANTED_FILE: 'Choose another source.',
  FILE_MISSING: 'Choose another source; the operator mends the path in the catalogue.',
  METHOD_NOT_ALLOWED: 'Send the request again by one of them.',
  BODY_TOO_LARGE: 'Send less at once, in several requests.',
  UNSUPPORTED_MEDIA_TYPE: 'Set the header "Content-Type: application/json".',
  RANGE_NOT_SATISFIABLE: 'Ask for bytes below the size in Content-Range, or for the whole file.',
  EXPECTATION_FAILED: 'Send the request without that header.',
  MEDIA_UNREADABLE: 'Or choose another source.',
  TOKEN_STREAMS: 'The operator can allow more by "token add" with another --streams.',
  TOO_MANY_REQUESTS:
    'Retry-After says when; the operator can raise the LIMIT_ settings, or name the proxy in TRUST_PROXY.',
  ANOTHER_NODE: 'If it stays, the operator sees by the doctor whether the nodes reach each other.',
  HEADERS_TOO_LARGE: 'Delete the cookies of this address, or use another browser.',
  INTERNAL: 'Try again; if it stays, tell the operator the request id.',
  NO_CONVERTER: 'Open the film in Stremio or another player; the operator can install ffmpeg.',
  HOSTILE_TORRENT: 'Choose another source.',
  BAD_TORRENT: 'Choose another source.',
  UNSUPPORTED_TORRENT: 'The list has others as a rule.',
  BAD_REDIRECT: 'Choose another source.',
  ENGINE_DIED: 'If it stays, the log tells the operator how the engine ended.',
  OUTBOUND_REFUSED:
    'Choose another source; an operator whose own address it is allows it by OUTBOUND_ALLOW.',
  UPSTREAM_FAILED:
    'Try again, or another source; the doctor tells the operator who does not answer.',
  PROVIDERS_FAILED: 'The doctor tells the operator which of them do not answer, and why.',
  TOO_MANY_LISTENERS: 'Close other tabs with the status page.',
  TOO_MANY_ARRIVALS: 'Retry-After says when; the operator can raise MAX_DOWNLOADS or MAX_RELAYS.',
  TOO_MANY_CONVERSIONS: 'Or open the film in Stremio or another player, which needs none of it.',
  TOO_MANY_OPEN: 'The operator can raise the limit of open files (ulimit -n, LimitNOFILE).',
  TORRENT_NETWORK_AWAY:
    'The operator starts the VPN or the proxy again: TORRENT_BIND or TORRENT_PROXY names it.',
  DRAINING: 'Try again in a minute: as a rule it is started again.',
  NO_PEERS: 'The operator can see by the doctor whether trackers and the DHT are reached.',
  NO_FIRST_BYTE: 'The operator can raise PLAY_TIMEOUT where swarms are slow.',
  STALLED: 'Play on: what has arrived is kept. If it stays, try another source.',
  DOES_NOT_FIT:
    'Choose a smaller source; the operator can raise CACHE_MAX_DISK_MB, or unpin and remove files.',
}

/** The message of a refusal with what to do behind it, once: another node may have said it already. */
export function withAdvice(code: FaultCode, message: string): string {
  const advice = whatToDo[code]
  return message.endsWith(advice) ? message : `${message} ${advice}`
}

/** The two parts again; no advice where the text has none of ours. */
export function partsOf(code: FaultCode | undefined, text: string): readonly [string, string] {
  const advice = code === undefined ? '' : whatToDo[code]
  const has = advice !== '' && text.endsWith(` ${advice}`)
  return has ? [text.slice(0, -advice.length - 1), advice] : [text, '']
}
