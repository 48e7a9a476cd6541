import { expect, test } from '@jest/globals'
import { balancerConf } from '../../../demo/cluster/balancer.ts'

test.each([[[7001, 7002]], [[7001, 7002, 7003]], [[1, 2, 3, 4, 5]]])('nodes %j', async (ports) => {
  const conf = await balancerConf({ home: '/home/of/nginx', port: 7000, nodePorts: ports })
  const servers = conf.match(/^ +server \S+ max_fails=3 fail_timeout=5s;$/gm) ?? []
  expect(servers.map((line) => line.trim().split(' ')[1])).toEqual(
    ports.map((port) => `127.0.0.1:${port}`),
  )
  expect(conf).toContain('listen 127.0.0.1:7000;')
  expect(conf).toContain('proxy_cache_path /home/of/nginx/hot ')
  // Nothing of the operator's places is left.
  expect(conf).not.toMatch(/node\d|listen 80|\/var\//)
})
