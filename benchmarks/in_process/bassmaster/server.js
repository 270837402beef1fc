'use strict';

// A hapi with bassmaster: `POST /batch` dispatches each request to the route below, inside this process.

const fs = require('fs');
const Hapi = require('@hapi/hapi');

const port = Number(process.argv[2]);
const answer = process.env.BENCH_ANSWER;
const acceptLog = `${process.env.BENCH_ACCEPT_LOG}/${port}`;

const start = async () => {

    // 1,000 users are more than the 1 MiB that hapi takes by default once they have metadata.
    const server = Hapi.server({ host: '127.0.0.1', port, routes: { payload: { maxBytes: 64 * 1024 * 1024 } } });
    await server.register(require('bassmaster'));
    server.route({
        method: 'POST',
        path: '/v1/users',
        handler: (request, h) => h.response(answer).type('application/json').code(201)
    });
    server.listener.on('connection', () => fs.appendFileSync(acceptLog, '.'));
    await server.start();
};

start().catch((error) => {

    console.error(error);
    process.exit(1);
});
