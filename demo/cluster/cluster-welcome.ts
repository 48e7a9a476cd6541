import { PLAYS } from '../titles.ts'
import { isTaken, type WelcomeFacts, whatToPlay, whereToLook } from '../welcome.ts'
import type { Cluster } from './start-cluster.ts'

interface ClusterFacts extends Omit<WelcomeFacts, 'port'> {
  readonly cluster: Cluster
}

/** What is printed when everything of a demo with nodes runs. */
export function clusterWelcome({ cluster, taken, slow, bold }: ClusterFacts): string {
  const { port, nodes, redis, adminToken } = cluster
  const film = `http://127.0.0.1:${port}${PLAYS[0].plays[0].path}`
  return [
    '',
    bold(
      `The Playlink demo runs with ${nodes.length} nodes that share one cache, on this machine:`,
    ),
    'tracker, seeder, Redis, the nodes, and nginx before them as deploy/cluster/nginx.conf sets it up.',
    ...isTaken(taken, port),
    ...(slow
      ? [
          'The swarm is slow today: a film takes some twenty seconds to arrive, and plays meanwhile.',
        ]
      : []),
    ...whereToLook(port),
    ...nodes.map(({ name, pid, url }) => `  ${name}, pid ${pid}   ${url}/test-source-selection`),
    `  Redis, pid ${redis.pid}`,
    `  Token for the field at the end of these pages: ${adminToken}`,
    '',
    ...whatToPlay(port, bold),
    '',
    bold('To try:'),
    `  curl -sI ${film}   names the node that answered, as X-Node`,
    '  Play a film at one node and then at another: it is fetched once.',
    `  kill -9 ${nodes[0]?.pid}   of a node while it plays: the film goes on, from what the others have or`,
    '  from the swarm, after 15 seconds at most. Where the balancer had asked that very node, the',
    '  connection breaks off, and browsers and players ask again for the rest.',
    `  kill -9 ${redis.pid}   of Redis: running plays go on, and new ones begin.`,
    ...(slow ? [] : ['  With --slow as well a film takes long enough to kill who fetches it.']),
    '',
    bold('Ctrl-C ends everything.'),
    '',
    '',
  ].join('\n')
}
