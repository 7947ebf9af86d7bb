"""The graph of both services: a model with the tools search and book.

OPENAI_BASE_URL, TOOLS_URL
"""

import os
from collections.abc import Callable
from typing import Annotated

import httpx
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import InjectedToolCallId, tool
from langchain_openai import ChatOpenAI
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

# The headers of the request of one tool call.
Headers = Callable[[RunnableConfig, str], dict[str, str]]


def agent(headers: Headers) -> StateGraph:
    async def act(name: str, arguments: dict[str, str], given: dict[str, str]) -> str:
        async with httpx.AsyncClient(base_url=os.environ["TOOLS_URL"], timeout=30) as client:
            answer = await client.post(f"/{name}", json=arguments, headers=given)
            return answer.raise_for_status().json()["result"]

    @tool
    async def search(
        query: str, call: Annotated[str, InjectedToolCallId], config: RunnableConfig
    ) -> str:
        """Searches the web."""
        return await act("search", {"query": query}, headers(config, call))

    @tool
    async def book(
        item: str, call: Annotated[str, InjectedToolCallId], config: RunnableConfig
    ) -> str:
        """Books an item."""
        return await act("book", {"item": item}, headers(config, call))

    tools = [search, book]
    model = ChatOpenAI(model="gpt-4o-mini").bind_tools(tools)

    async def chatbot(state: MessagesState):
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("chatbot", chatbot)
    graph.add_node("tools", ToolNode(tools))
    graph.add_edge(START, "chatbot")
    graph.add_conditional_edges("chatbot", tools_condition)
    graph.add_edge("tools", "chatbot")
    return graph
