import { createServer } from 'node:http'
import { door, serve } from './host.ts'

const server = createServer((req, res) => {
  if (req.url === '/webhook') door.node(req, res)
  else res.writeHead(404).end()
})
await serve(server)
