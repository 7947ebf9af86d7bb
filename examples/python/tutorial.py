"""A chat service as in popular tutorials for FastAPI and LangGraph.

CHECKPOINTER: "postgres" (DATABASE_URL), or "memory" · DURABILITY: LangGraph's default is "async"
"""

import os
from contextlib import asynccontextmanager

from fastapi import FastAPI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from pydantic import BaseModel

from agent import agent

builder = agent(headers=lambda config, call: {})


@asynccontextmanager
async def lifespan(app: FastAPI):
    if os.environ.get("CHECKPOINTER") == "memory":
        app.state.graph = builder.compile(checkpointer=InMemorySaver())
        yield
        return
    async with AsyncPostgresSaver.from_conn_string(os.environ["DATABASE_URL"]) as checkpointer:
        await checkpointer.setup()
        app.state.graph = builder.compile(checkpointer=checkpointer)
        yield


app = FastAPI(lifespan=lifespan)


class ChatRequest(BaseModel):
    message: str
    thread_id: str


@app.get("/health")
async def health():
    return {"status": "ok"}


@app.post("/chat")
async def chat(request: ChatRequest):
    config = {"configurable": {"thread_id": request.thread_id}}
    messages = [{"role": "user", "content": request.message}]
    durability = os.environ.get("DURABILITY", "async")
    result = await app.state.graph.ainvoke({"messages": messages}, config, durability=durability)
    return {"reply": result["messages"][-1].content}


@app.get("/threads/{thread_id}")
async def history(thread_id: str):
    state = await app.state.graph.aget_state({"configurable": {"thread_id": thread_id}})
    return {"messages": [message.content for message in state.values.get("messages", [])]}


@app.delete("/threads/{thread_id}")
async def delete(thread_id: str):
    await app.state.graph.checkpointer.adelete_thread(thread_id)
    return {}
