"""A chat service on FastAPI and LangGraph that keeps its conversations.

DATABASE_URL, and what the agent needs
"""

import asyncio
import logging
import os
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, Error, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from pydantic import BaseModel, Field

from agent import agent

log = logging.getLogger("uvicorn.error")

DATABASE_URL = os.environ["DATABASE_URL"]
# Less than the timeout of a client, so that a slow turn ends with an error. Five concurrent turns of
# a new process take ten seconds on a core that it shares with ten others.
TURN_SECONDS = 20
CONNECTION = {
    "autocommit": True,
    "prepare_threshold": 0,
    "connect_timeout": 2,
    "options": "-c statement_timeout=2000 -c lock_timeout=2000",
}

# A crash between effect and save repeats a tool call, so each attempt sends the same key.
builder = agent(
    headers=lambda config, call: {
        "idempotency-key": f"{config['configurable']['thread_id']}:{call}"
    }
)


def pool(size: int) -> AsyncConnectionPool:
    # The pool checks an idle connection before it hands it out.
    check = AsyncConnectionPool.check_connection
    return AsyncConnectionPool(
        DATABASE_URL, max_size=size, open=False, timeout=2, kwargs=CONNECTION, check=check
    )


async def prepare() -> None:
    """Creates the tables, one replica at a time.

    It polls for the lock: setup() creates indexes concurrently, which waits for every running
    statement, and a statement that waits for a lock is a running one.
    """
    async with await AsyncConnection.connect(
        DATABASE_URL, autocommit=True, connect_timeout=2
    ) as connection:
        while True:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(20251122)")
            if (await cursor.fetchone()) == (True,):
                break
            await asyncio.sleep(0.1)
        await AsyncPostgresSaver(connection).setup()
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS threads (id uuid PRIMARY KEY, owner text NOT NULL)"
        )


class Service:
    """What the requests of one replica share."""

    def __init__(self) -> None:
        self.why_not = "it has just started"
        self.checkpoints = pool(10)
        # A separate pool: each turn keeps one of its connections until it ends.
        self.locks = pool(50)
        self.saver = AsyncPostgresSaver(self.checkpoints)
        self.graph = builder.compile(checkpointer=self.saver)

    async def open(self) -> None:
        """Retries until the database answers; the service is not ready before."""
        while True:
            try:
                await prepare()
                break
            except Error as error:
                self.why_not = f"the database cannot be prepared: {error}"
                log.error(self.why_not)
                await asyncio.sleep(0.5)
        await self.checkpoints.open()
        await self.locks.open()
        self.why_not = ""

    @asynccontextmanager
    async def held(self, thread: UUID, owner: str, *, create: bool = False):
        """Holds a row lock, so that a thread has one request at a time over all replicas."""
        async with self.locks.connection() as connection:
            if create:
                await connection.execute(
                    "INSERT INTO threads (id, owner) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    [thread, owner],
                )
            cursor = await connection.execute("SELECT owner FROM threads WHERE id = %s", [thread])
            if (await cursor.fetchone()) != (owner,):
                raise HTTPException(404, "there is no such thread")
            # The lock ends with its transaction, so also with this process.
            async with connection.transaction():
                lock = "SELECT FROM threads WHERE id = %s FOR UPDATE SKIP LOCKED"
                if (await (await connection.execute(lock, [thread])).fetchone()) is None:
                    raise HTTPException(409, "the thread has a turn that runs")
                yield connection

    async def messages(self, thread: UUID) -> list[AnyMessage]:
        """The messages, after finishing what a crash left unfinished."""
        config = {"configurable": {"thread_id": str(thread)}}
        state = await self.graph.aget_state(config)
        if not state.tasks:
            return state.values.get("messages", [])
        return (await self.graph.ainvoke(None, config, durability="sync"))["messages"]

    async def turn(self, turn: "Turn", owner: str) -> str:
        async with self.held(turn.thread_id, owner, create=True):
            messages = await self.messages(turn.thread_id)
            reply = reply_to(turn.request_id, messages)
            if reply is not None:
                return reply
            config = {"configurable": {"thread_id": str(turn.thread_id)}}
            message = HumanMessage(turn.message, id=turn.request_id)
            result = await self.graph.ainvoke(
                {"messages": [message]}, config, durability="sync"
            )
            # Each checkpoint contains the whole conversation, so only the last one is needed.
            await self.saver.aprune([str(turn.thread_id)], strategy="keep_latest")
            return result["messages"][-1].content


def reply_to(request_id: str, messages: list[AnyMessage]) -> str | None:
    """The reply to an earlier attempt of this request, if there is one."""
    asked = next((i for i, message in enumerate(messages) if message.id == request_id), None)
    if asked is None:
        return None
    for message in messages[asked + 1 :]:
        if isinstance(message, AIMessage) and not message.tool_calls:
            return message.content
    return None


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.service = service = Service()
    opening = asyncio.create_task(service.open())
    yield
    opening.cancel()
    await service.checkpoints.close()
    await service.locks.close()


def ready(request: Request) -> Service:
    service: Service = request.app.state.service
    if service.why_not:
        raise HTTPException(503, service.why_not)
    return service


app = FastAPI(lifespan=lifespan)
Ready = Annotated[Service, Depends(ready)]
Owner = Annotated[str, Header(alias="x-user-id", min_length=1)]


@app.exception_handler(OperationalError)
@app.exception_handler(PoolTimeout)
async def unavailable(_: Request, error: Exception):
    log.error("%s", error)
    return JSONResponse({"error": "the database is not available"}, 503)


class Turn(BaseModel):
    thread_id: UUID
    message: str = Field(min_length=1)
    request_id: str = Field(min_length=1)


@app.get("/health")
async def health(service: Ready):
    async with service.locks.connection() as connection:
        await connection.execute("SELECT 1")
    return {}


@app.post("/chat")
async def chat(turn: Turn, owner: Owner, service: Ready):
    running = asyncio.create_task(service.turn(turn, owner))
    done, _ = await asyncio.wait([running], timeout=TURN_SECONDS)
    if not done:
        # Not awaited: cancelling a statement on a silent connection takes seconds.
        running.cancel()
        raise HTTPException(504, "the turn took too long")
    return {"reply": running.result()}


@app.get("/threads/{thread_id}")
async def read(thread_id: UUID, owner: Owner, service: Ready):
    async with service.locks.connection() as connection:
        query = "SELECT FROM threads WHERE id = %s AND owner = %s"
        if (await (await connection.execute(query, [thread_id, owner])).fetchone()) is None:
            raise HTTPException(404, "there is no such thread")
    state = await service.graph.aget_state({"configurable": {"thread_id": str(thread_id)}})
    return {"messages": [message.content for message in state.values.get("messages", [])]}


@app.delete("/threads/{thread_id}")
async def delete(thread_id: UUID, owner: Owner, service: Ready):
    async with service.held(thread_id, owner) as connection:
        await service.saver.adelete_thread(str(thread_id))
        await connection.execute("DELETE FROM threads WHERE id = %s", [thread_id])
    return {}
