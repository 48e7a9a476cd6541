import type { IncomingMessage } from 'node:http'
import type { Handed } from '../../cluster/signature.ts'
import type { Asker } from '../../player/jobs/viewer.ts'

/** Counted at the node that the viewer came to; here it only takes its turn among the others. */
export const askerOf = ({ viewer }: Handed, req: IncomingMessage): Asker => ({
  address: viewer,
  connection: req.socket,
  startCold: async () => {},
  askProviders: async () => {},
})
