import { createServer } from 'node:http'
import express from 'express'
import { door, serve } from './host.ts'

const app = express()
app.all('/webhook', door.node)
app.use(express.json())
app.post('/echo', (req, res) => res.json(req.body))
// What nobody should do; the answer says so.
app.all('/too-late', door.node)
await serve(createServer(app))
