# rejected by: limits_the_time
# One item that hangs, and the queue behind it waits for ever.
async def worker(queue, handle, log, seconds):
    while True:
        item = await queue.get()
        try:
            await handle(item)
        except Exception as error:
            log(item, error)
        finally:
            queue.task_done()
